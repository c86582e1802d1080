"""An output of the scene, written by its worker."""

from typing import Any

from accounts.models import User
from branches.rules import Role
from tests.factories.branches import make_holder
from tests.reminders.scene import ON, Scene
from training.actions.outputs import OutputData, add_output, answer_credit, review_output, submit_output
from training.models import Output
from training.rules.outputs import OutputKind


def said(**fields: Any) -> OutputData:
    given: dict[str, Any] = {
        "kind": OutputKind.METHOD,
        "topic": "meetings",
        "title": "当场核对法",
        "summary": "散会前核对五分钟",
        "body": "第一步念一遍。\n\n第二步当场补。",
    }
    return OutputData(**{**given, **fields})


def second_worker(scene: Scene) -> User:
    return make_holder(scene.second, Role.WORKER)


def drafted(scene: Scene, **fields: Any) -> Output:
    return add_output(scene.first, data=said(**fields), by=scene.worker)


def published(scene: Scene, **fields: Any) -> Output:
    output = drafted(scene, **fields)
    version = submit_output(output, by=scene.worker, on=ON)
    for author in fields.get("authors", ()):
        answer_credit(output, agrees=True, by=author, on=ON)
    version.refresh_from_db()
    review_output(version, accept=True, answer="", by=scene.staff, on=ON)
    output.refresh_from_db()
    return output


def foreign(scene: Scene) -> Output:
    """Published in the library of another general branch."""
    output = add_output(scene.foreign_branch, data=said(title="外单位的"), by=scene.foreign_staff)
    version = submit_output(output, by=scene.foreign_staff, on=ON)
    reviewer = make_holder(scene.foreign_general, Role.GENERAL_BRANCH_STAFF)
    review_output(version, accept=True, answer="", by=reviewer, on=ON)
    return output
