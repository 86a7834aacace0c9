"""What the runtime is measured beside: raw Ray actors, xoscar, Celery with Redis and Gunicorn."""
