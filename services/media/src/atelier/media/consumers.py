"""What media takes from other services: facts to use cases, a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from atelier.contracts.background_presets import BackgroundPresetCreated, BackgroundPresetUpdated
from atelier.contracts.generations import GenerationDeleted, PredictionCompleted
from atelier.contracts.looks import LookCreated, LookDeleted
from atelier.contracts.media import MediaUpdated
from atelier.contracts.model import Event, State
from atelier.contracts.organizations import OrganizationDeleted
from atelier.contracts.products import ProductCreated, ProductDeleted, ProductUpdated
from atelier.contracts.shots import ShotDeleted, ShotRevisionCreated
from atelier.contracts.subjects import SubjectCreated, SubjectUpdated
from atelier.media.attachments import sweeping
from atelier.media.attachments import use_cases as attachments
from atelier.media.attachments.sweeping import Sweep
from atelier.media.resources import use_cases as resources
from atelier.media.resources.models import MediaResource
from atelier.media.uploads import use_cases as uploads
from atelier.runtime import releasing
from atelier.runtime.jobs import JobHandler
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.releasing import Releasable
from atelier.runtime.storage import Storage

REPLICAS: tuple[type[State], ...] = ()

HOLDERS: tuple[type[Event[Any]], ...] = (
    ProductCreated,
    ProductUpdated,
    ProductDeleted,
    SubjectCreated,
    SubjectUpdated,
    BackgroundPresetCreated,
    BackgroundPresetUpdated,
    LookCreated,
    LookDeleted,
    ShotRevisionCreated,
    ShotDeleted,
    PredictionCompleted,
    GenerationDeleted,
)
"""After these an aggregate may hold other files than before."""


def facts(release_again_after: timedelta) -> Mapping[type[Event[Any]], FactHandler]:
    """One handler for each fact that media acts on."""
    return {
        **dict.fromkeys(HOLDERS, attachments.on_fact),
        OrganizationDeleted: releasing.on_organization_deleted(release_again_after),
    }


def jobs(storage: Storage, sweep: Sweep) -> Mapping[str, JobHandler]:
    """One handler for each kind of job."""
    return {
        releasing.RELEASE: releasing.release_job([Releasable(MediaResource, MediaUpdated)]),
        uploads.EXPIRE_UPLOAD: uploads.expire_job(storage),
        uploads.REMOVE_UPLOAD: uploads.remove_job(storage),
        resources.REMOVE_UNNAMED: resources.remove_unnamed_job(storage),
        sweeping.SWEEP: sweeping.sweep_job(sweep),
    }
