"""The way from a process to the models: Serve's ``models`` application, and the language model's endpoint."""

from __future__ import annotations

from actors.models.client import RemoteModels
from actors.models.names import EMBEDDING_DIMENSION
from actors.models.openai_language_model import OpenAiLanguageModel
from actors.ports import LanguageModel
from runtime.config import Settings


def remote_models() -> RemoteModels:
    """Embedder and reranker in the ``models`` replica. The handle connects at the first call, so the application may
    still be starting."""
    from ray.serve.handle import DeploymentHandle

    return RemoteModels(DeploymentHandle("Models", "models"), dimension=EMBEDDING_DIMENSION)


def language_model(settings: Settings) -> LanguageModel | None:
    """The configured generative model; None means extractive answers."""
    if not settings.language_model_url:
        return None
    return OpenAiLanguageModel(
        settings.language_model_url, model=settings.language_model, key=settings.language_model_key
    )
