"""Progressive delivery: which share of the requests a version that is taken up has next.

    new: 0 %, until its workload is healthy
      -> the first step, the second, ... each for its pause, the workload being healthy all the time
      -> Completed, at the weight of the last step
    Paused while ``paused``; RolledBack, at 0 %, once the workload is unhealthy: with requests, at
    once; without any, when it is so at its deadline, for components start side by side, and one
    that ends because others are not there yet may be well a moment later

Pure: what is remembered is in ``RolloutStatus``, and the time comes in. A rollout that is completed
or rolled back stays so until what it is about changes: the version, what it runs, or the steps.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Literal

import orjson

from tenantry.api.application_status import RolloutState, RolloutStatus
from tenantry.api.components import Component
from tenantry.api.rollouts import Rollout
from tenantry.api.times import moment, span
from tenantry.desired.applications.defaults import with_version
from tenantry.desired.applications.identity import RUN_BY, asked
from tenantry.desired.applications.traffic import Weights, weights

_RUN_BY: Final = RUN_BY | {"probes"}
"""What decides whether a version becomes healthy: mended, it is worth another try."""
_FINAL: Final = ("Completed", "RolledBack")
_ILL: Final = "its workload is unhealthy"
_WHOLE: Final = 100
"""Percent."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the workload of the version is.

    Attributes:
        state: Healthy when all its pods are as they should be; Unhealthy when that will not come by
            itself (crash loop, image that cannot be pulled, deadline); Progressing in between.
        message: why, for a person.
    """

    state: Literal["Healthy", "Progressing", "Unhealthy"]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes next.

    Attributes:
        status: to be remembered.
        weights: percent by version, together 100.
        look_again_at: when time alone may change the answer; None if it cannot.
    """

    status: RolloutStatus
    weights: Weights
    look_again_at: datetime | None


def decide(
    component: Component,
    rollout: Rollout,
    last: RolloutStatus | None,
    health: Health,
    now: datetime,
) -> Decision:
    """The next state of a rollout and the weights that go with it.

    Args:
        component: whose version is taken up, with the Application's defaults written out.
        rollout: its steps.
        last: what was remembered; None if nothing was.
        health: of the version's workload.
        now: the time, with its zone.
    """
    identity = steps_hash(component, rollout)
    if last is None or last.steps_hash != identity or last.step >= len(rollout.steps):
        begun = RolloutStatus(version=rollout.version, state="Progressing", steps_hash=identity)
        last = _timed(begun, now)
    status = last if last.state in _FINAL else _next(rollout, last, health, now)
    return Decision(
        status=status,
        weights=shares(component, rollout.version, status.weight),
        look_again_at=_look_again_at(rollout, status, health),
    )


def stopped(
    component: Component, rollout: Rollout, last: RolloutStatus, health: Health, now: datetime
) -> Decision | None:
    """The rollback that is due although nothing else may be written; None if none is.

    Args: as of ``decide``.
    """
    is_ill = last.state not in _FINAL and last.weight and health.state == "Unhealthy"
    if not is_ill or not rollout.automatic_rollback:
        return None
    status = _rolled_back(last, health.message or _ILL, now)
    return Decision(status, shares(component, rollout.version, status.weight), None)


def steps_hash(component: Component, rollout: Rollout) -> str:
    """What a rollout is about: another one starts anew."""
    runs = [
        [one.image, asked(with_version(component, one), _RUN_BY)]
        for one in component.all_versions
        if one.name == rollout.version
    ]
    steps = [[step.weight, step.pause] for step in rollout.steps]
    text = orjson.dumps([rollout.version, runs, steps], option=orjson.OPT_SORT_KEYS)
    return sha256(text).hexdigest()[:16]


def shares(component: Component, version: str, weight: int) -> Weights:
    """Percent by version, when one has a given weight and the others share the rest.

    They share it as the spec's weights say, to whole percents by the largest remainders; the first
    of them has all of it if the spec gives them nothing. A version without others has everything,
    one that is not there nothing.
    """
    said = weights(component)
    if version not in said:
        return said
    base = {name: share for name, share in said.items() if name != version}
    if not base:
        return {version: _WHOLE}
    if not any(base.values()):
        base[next(iter(base))] = _WHOLE
    parted = _parted(base, _WHOLE - weight)
    names = [one.name for one in component.all_versions]
    return {name: weight if name == version else parted[name] for name in names}


def without_versions(said: Weights, gone: Collection[str]) -> Weights:
    """The same percents with those of some versions given to the others, in proportion.

    Where nothing would be left, it stays as it is.
    """
    base = {name: share for name, share in said.items() if name not in gone}
    if not base:
        return said
    if not any(base.values()):
        base[next(iter(base))] = _WHOLE
    return dict.fromkeys(said, 0) | _parted(base, _WHOLE)


def _parted(base: Mapping[str, int], rest: int) -> dict[str, int]:
    total = sum(base.values())
    made = {name: share * rest // total for name, share in base.items()}
    by_remainder = sorted(base, key=lambda name: -(base[name] * rest % total))
    for name in by_remainder[: rest - sum(made.values())]:
        made[name] += 1
    return made


def _next(rollout: Rollout, last: RolloutStatus, health: Health, now: datetime) -> RolloutStatus:
    if _is_resumed(rollout, last, health) or not _is_past(last, now):
        last = _timed(last, now)
    return _interrupted(rollout, last, health, now) or _going_on(rollout, last, now)


def _is_resumed(rollout: Rollout, last: RolloutStatus, health: Health) -> bool:
    """Whether a step that was interrupted goes on: then its time begins anew."""
    if rollout.paused or health.state == "Unhealthy":
        return False
    was_waiting = bool(last.weight and last.message) and health.state == "Healthy"
    return last.state == "Paused" or was_waiting


def _interrupted(
    rollout: Rollout, last: RolloutStatus, health: Health, now: datetime
) -> RolloutStatus | None:
    """What stops the rollout for now or for good; None if nothing does."""
    ill = _illness(rollout, last, health, now)
    if ill and rollout.automatic_rollback:
        return _rolled_back(last, ill, now)
    if ill:
        return _changed(last, "Paused", f"{ill}: automaticRollback is off, so a person must decide")
    if rollout.paused:
        return _changed(last, "Paused", "rollout.paused is true")
    if health.state != "Healthy":
        return _changed(last, "Progressing", health.message or "waiting for its workload")
    return None


def _going_on(rollout: Rollout, last: RolloutStatus, now: datetime) -> RolloutStatus:
    """The next step if this one's time is over; the workload is healthy."""
    is_over = now - moment(last.step_started_at) >= span(rollout.steps[last.step].pause)
    step = last.step + 1 if last.weight else 0
    if last.weight and not is_over:
        return _changed(last, "Progressing", "")
    if step == len(rollout.steps):
        return _changed(last, "Completed", "")
    reached = {"step": step, "weight": rollout.steps[step].weight}
    return _timed(_changed(last, "Progressing", ""), now).model_copy(update=reached)


def _illness(rollout: Rollout, last: RolloutStatus, health: Health, now: datetime) -> str:
    """Why the version's workload is unhealthy; empty if it is not, or still has time."""
    seconds = rollout.progress_deadline_seconds
    is_late = now - moment(last.step_started_at) >= timedelta(seconds=seconds)
    if health.state == "Unhealthy" and (last.weight or is_late):
        return health.message or _ILL
    if health.state == "Progressing" and not last.weight and is_late and not rollout.paused:
        return f"its workload was not ready within {seconds} seconds"
    return ""


def _changed(last: RolloutStatus, state: RolloutState, message: str) -> RolloutStatus:
    return last.model_copy(update={"state": state, "message": message})


def _rolled_back(last: RolloutStatus, ill: str, now: datetime) -> RolloutStatus:
    ended = _changed(last, "RolledBack", f"rolled back: {ill}")
    return _timed(ended, now).model_copy(update={"step": 0, "weight": 0})


def _timed(status: RolloutStatus, now: datetime) -> RolloutStatus:
    """With the step's time beginning now."""
    written = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return status.model_copy(update={"step_started_at": written})


def _is_past(status: RolloutStatus, now: datetime) -> bool:
    """Whether the step's beginning can be read and has come."""
    try:
        return moment(status.step_started_at) <= now
    except (TypeError, ValueError):
        return False


def _look_again_at(rollout: Rollout, status: RolloutStatus, health: Health) -> datetime | None:
    if status.state != "Progressing":
        return None
    started = moment(status.step_started_at)
    if not status.weight:
        return started + timedelta(seconds=rollout.progress_deadline_seconds)
    is_counting = health.state == "Healthy"
    return started + span(rollout.steps[status.step].pause) if is_counting else None
