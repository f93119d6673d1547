"""Objects belong to the caller."""

from tests.trees import observe, outcomes

from assaymark.observation import Certainty, Outcome

HEAD = 'import express from "express";\nconst app = express();\n'
READ = (
    "app.get('/chats/:id', requireAuth, async (req, res) => {\n"
    "  res.json(await prisma.chat.findFirst({ where: { id: req.params.id%s } }));\n});\n"
)
MET = {"src/app.ts": HEAD + READ % ", userId: req.user.id"}
NOT_MET = {"src/app.ts": HEAD + READ % ""}
NAME = "endpoints_check_ownership"


def test_with_identity_it_is_for_a_person() -> None:
    """An object may be public among users."""
    (seen,) = observe(NAME, NOT_MET)
    assert seen.certainty is Certainty.TENTATIVE


def test_deleting_anybodys_object_without_identity_is_firm() -> None:
    """Neither identity nor ownership before a deletion is a fault by itself."""
    files = {
        "src/app.ts": HEAD + "app.delete('/chats/:id', async (req, res) => {\n"
        "  res.json(await prisma.chat.delete({ where: { id: req.params.id } }));\n});\n"
    }
    (seen,) = observe(NAME, files)
    assert (seen.outcome, seen.certainty) == (Outcome.NOT_MET, Certainty.FIRM)


def test_a_route_without_an_object_is_not_asked() -> None:
    """A list has no single owner to compare."""
    files = {
        "src/app.ts": HEAD
        + "app.get('/chats', async (req, res) => res.json(await prisma.chat.findMany()));\n"
    }
    assert outcomes(observe(NAME, files)) == {Outcome.NOT_APPLICABLE}


def test_owned_objects_are_told_by_their_routes() -> None:
    """Where every lookup names the caller, each endpoint is shown with what it does."""
    (seen,) = observe(NAME, MET)
    assert seen.outcome is Outcome.MET
    assert [d.message for d in seen.details] == ["GET /chats/:id names the caller."]


def test_files_of_a_site_belong_to_nobody() -> None:
    """A path below a folder of assets is no object of somebody's."""
    files = {
        "app.py": (
            "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
            '@app.get("/assets/{filename:path}")\n'
            "def assets(filename: str):\n    return FileResponse(BUILD / filename)\n"
        )
    }

    assert Outcome.NOT_MET not in outcomes(observe("endpoints_check_ownership", files))
