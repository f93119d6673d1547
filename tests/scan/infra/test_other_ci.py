"""Other CI systems are read for the same facts."""

from tests.scan.infra.reading import only

from assaymark.scan.facts import ActionUse, CiJob


def test_gitlab_stages_stand_before_one_another() -> None:
    """A later stage waits for an earlier one, unless the earlier may fail."""
    text = (
        "stages: [test, go]\nunit:\n  stage: test\n  script: [pytest]\nout:\n  stage: go\n  "
        "script: ['kubectl apply -f k']\n"
    )
    jobs = {j.name: j for j in only(CiJob, ".gitlab-ci.yml", text)}
    assert jobs["out"].gated is True
    loose = text.replace("script: [pytest]", "script: [pytest]\n  allow_failure: true")
    jobs = {j.name: j for j in only(CiJob, ".gitlab-ci.yml", loose)}
    assert jobs["out"].gated is False
    assert jobs["unit"].ignores_failure is True


def test_gitlab_templates_scan_and_images_are_taken() -> None:
    """An included security template is a scan; an image by tag is unpinned."""
    text = "include:\n  - template: Security/SAST.gitlab-ci.yml\nimage: python:3.12\na:\n  script: [ls]\n"
    assert any(j.scans == ("sast",) for j in only(CiJob, ".gitlab-ci.yml", text))
    assert [a.pinned for a in only(ActionUse, ".gitlab-ci.yml", text)] == [False]


def test_circleci_requires_and_orbs() -> None:
    """Order comes from the workflows; an orb with a full version is fixed."""
    text = (
        "orbs: {x: a/b@1.2.3, y: c/d@volatile}\njobs:\n  t: {steps: [{run: pytest}]}\n"
        "  d: {steps: [checkout, {run: {command: helm upgrade x y}}]}\n"
        "workflows: {w: {jobs: [t, {d: {requires: [t]}}]}}\n"
    )
    jobs = {j.name: j for j in only(CiJob, ".circleci/config.yml", text)}
    assert jobs["d"].gated is True
    assert [a.pinned for a in only(ActionUse, ".circleci/config.yml", text)] == [True, False]


def test_azure_stages_follow_one_another() -> None:
    """The deploy stage comes after the test stage."""
    text = (
        "stages:\n- stage: T\n  jobs:\n  - job: t\n    steps:\n    - script: pytest\n"
        "- stage: D\n  jobs:\n  - deployment: d\n    strategy: {runOnce: {deploy: {steps: [{task: "
        "AzureWebApp@1}]}}}\n"
    )
    jobs = {j.name: j for j in only(CiJob, "azure-pipelines.yml", text)}
    assert jobs["D/d"].deploys is True
    assert jobs["D/d"].gated is True


def test_makefile_rules_and_scripts() -> None:
    """`release: test` is gated by its prerequisite; a script by the order of its lines."""
    make = {
        j.name: j
        for j in only(
            CiJob, "Makefile", "test:\n\tpytest\nrelease: test\n\ttwine upload d\nship:\n\tdocker push x\n"
        )
    }
    assert make["release"].gated is True
    assert make["ship"].gated is False
    script = only(CiJob, ".ci/release", "#!/bin/sh\nset -e\nmake test\ntwine upload dist/*\n")
    assert [(j.tests, j.gated) for j in script] == [(True, True)]
