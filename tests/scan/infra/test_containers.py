"""Container builds and deployments are read for their base, user, openness and power."""

from tests.scan.infra.reading import only

from assaymark.scan.facts import ContainerBuild, Deployment, Download, HubReference


def test_stages_arguments_and_the_last_user() -> None:
    """A stage that rests on an earlier one is no base; arguments are filled in; a user is inherited."""
    text = (
        "ARG V=3.12\nFROM python:${V}-slim AS base\nUSER app\nFROM node:22@sha256:00 AS web\nRUN npm ci\n"
        "FROM base\nCOPY --from=web /a /a\nCOPY . /app\nEXPOSE 80/tcp\n"
    )
    (build,) = only(ContainerBuild, "Dockerfile", text)
    assert build.bases == ("python:3.12-slim", "node:22@sha256:00")
    assert (build.pinned, build.user, build.copies_everything, build.exposes) == (False, "app", True, (80,))
    assert build.uses_lock is True


def test_an_install_past_the_lock_is_seen() -> None:
    """Pip install of requirements without hashes is not strict; installing only pip itself is no install."""
    assert (
        only(ContainerBuild, "Dockerfile", "FROM x\nRUN pip install -r requirements.txt\n")[0].uses_lock
        is False
    )
    assert (
        only(ContainerBuild, "Dockerfile", "FROM x\nRUN pip install --upgrade pip uv\n")[0].uses_lock is None
    )
    assert (
        only(ContainerBuild, "Dockerfile", "FROM x\nRUN pip install uv && uv sync --locked\n")[0].uses_lock
        is True
    )


def test_what_is_piped_to_a_shell_is_executed() -> None:
    """Curl into sh is a download that runs, checked by nothing."""
    (found,) = only(Download, "app.Dockerfile", "FROM x\nRUN curl -fsSL https://e.org/i.sh \\\n  | sh\n")
    assert (found.executed, found.verified, found.what) == (True, "nothing", "code")
    (checked,) = only(
        Download, "Dockerfile", "FROM x\nRUN curl -O https://e.org/a && echo 'x a' | sha256sum -c\n"
    )
    assert (checked.executed, checked.verified) == (False, "digest")


def test_compose_services() -> None:
    """Open stores, published ports, sockets and inline secrets; references to variables are no secrets."""
    text = (
        "services:\n  db:\n    image: postgres:16\n    environment: {POSTGRES_PASSWORD: '${PW}'}\n  "
        "  ports: ['5432:5432']\n"
        "  vec:\n    image: qdrant/qdrant\n    ports: ['127.0.0.1:6333:6333']\n"
        "  agent:\n    build: .\n    environment: [OPENAI_API_KEY=u8dK2mf9Qz7Lw3Xc]\n"
        "    volumes: ['/var/run/docker.sock:/var/run/docker.sock']\n"
    )
    found = {d.name: d for d in only(Deployment, "compose.prod.yaml", text)}
    assert (found["db"].unauthenticated_store, found["db"].every_interface) == (False, True)
    assert (found["vec"].unauthenticated_store, found["vec"].every_interface) == (True, False)
    assert (found["agent"].privileged, found["agent"].secrets_inline) == (True, ("OPENAI_API_KEY",))
    assert found["db"].environment == "prod"


def test_a_model_server_names_its_model() -> None:
    """The hub reference in a server's command is read, with remote code."""
    text = (
        "services:\n  llm:\n    image: vllm/vllm-openai:v1\n    command: ['--model', 'a/b', "
        "'--trust-remote-code']\n"
    )
    (found,) = only(HubReference, "docker-compose.yml", text)
    assert (found.name, found.pinned, found.remote_code) == ("a/b", False, True)


def test_kubernetes_and_helm() -> None:
    """Power, limits and place of a workload, also from a chart's template."""
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: m, namespace: prod}\nspec:\n  "
        "template:\n    spec:\n"
        "      hostNetwork: true\n      containers:\n      - name: c\n        image: a/b:{{ .Values.tag }}\n"
        "        {{- if .Values.x }}\n        resources: {limits: {memory: 1Gi}}\n        {{- end }}\n"
    )
    (found,) = only(Deployment, "chart/templates/d.yaml", text)
    assert (found.kind, found.privileged, found.limits, found.environment) == ("helm", True, True, "prod")
