"""What ``serve_config.yaml`` names: one builder per Serve application."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ray.serve import Application

from runtime.config import Settings


def models(arguments: Mapping[str, object]) -> Application:
    """Query embedding and reranking."""
    from actors.models.deployment import models_deployment  # only what an application needs is imported in its process

    settings = Settings.from_environment(os.environ)
    application: Application = models_deployment().bind(str(settings.models_dir), settings.model_threads)
    return application


def gateway(arguments: Mapping[str, object]) -> Application:
    """The HTTP door."""
    from actors.api.deployment import Gateway
    from cluster.doors import build_door

    deployment: Any = Gateway
    application: Application = deployment.bind(build_door)
    return application
