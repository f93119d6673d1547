#!/bin/sh
# Builds the image and rolls it out; the previous image stays tagged for a rollback.
set -eu
docker build -t registry.harbour.example/assistant:"$GITHUB_SHA" .
docker push registry.harbour.example/assistant:"$GITHUB_SHA"
kubectl --namespace assistant-prod set image deployment/assistant web=registry.harbour.example/assistant:"$GITHUB_SHA"
