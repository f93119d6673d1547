#!/bin/sh
# Builds, lists and signs the image and rolls it out; the previous image stays tagged for a rollback.
set -eu
docker build -t registry.harbour.example/assistant:"$GITHUB_SHA" .
docker push registry.harbour.example/assistant:"$GITHUB_SHA"
syft registry.harbour.example/assistant:"$GITHUB_SHA" -o cyclonedx-json=sbom.json
cosign sign --yes registry.harbour.example/assistant:"$GITHUB_SHA"
kubectl --namespace assistant-prod set image deployment/assistant web=registry.harbour.example/assistant:"$GITHUB_SHA"
