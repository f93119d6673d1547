"""Facts → observations. The registry is this list; each subject folder names its own checks in order."""

from assaymark.checks._check import Check

__all__ = ["all_checks"]


def all_checks() -> tuple[Check, ...]:
    """Every check, in the order in which the catalogue of checks is printed.

    Imported when asked for, so that commands that run no check start quickly.
    """
    from assaymark.checks import (
        agent,
        code,
        data,
        dependency,
        document,
        guard,
        history,
        model,
        organisation,
        pipeline,
        prompt,
        service,
        supplier,
    )

    return (
        *organisation.CHECKS,
        *supplier.CHECKS,
        *document.CHECKS,
        *code.CHECKS,
        *prompt.CHECKS,
        *agent.CHECKS,
        *guard.CHECKS,
        *service.CHECKS,
        *model.CHECKS,
        *data.CHECKS,
        *dependency.CHECKS,
        *pipeline.CHECKS,
        *history.CHECKS,
    )
