"""The job as everybody outside sees it: one object for every route and every event."""

import json
from datetime import datetime
from typing import Any

from starlette.responses import Response

from db import previews
from db.artifacts import Artifact
from db.jobs import Batch, Job, Status

# JSON allows these three in a string; naive readers of lines break at them.
LINE_BREAKS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\u0085": "\\u0085"}


def job(job: Job) -> dict[str, Any]:
    """The job, camelCase, timestamps RFC 3339 with zone; without its payload."""
    return {
        "jobId": str(job.id),
        "jobType": job.job_type,
        "title": job.title,
        "status": job.status,
        "final": job.status.is_final,
        "progress": job.progress,
        "message": job.progress_message,
        "stage": job.stage,
        "totalFiles": job.total_files,
        "processedFiles": job.processed_files,
        "attempt": job.attempt,
        "retryCount": job.retry_count,
        "maxRetries": job.max_retries,
        "retryAt": moment(job.retry_at),
        "seq": job.seq,
        "result": job.result,
        "error": job.error,
        "userId": job.user_id,
        "sessionId": job.session_id,
        "messageId": job.message_id,
        "batchId": job.batch_id,
        "priority": job.priority,
        "createdAt": moment(job.created_at),
        "scheduledAt": moment(job.scheduled_at),
        "startedAt": moment(job.started_at),
        "completedAt": moment(job.completed_at),
        "expiresAt": moment(job.expires_at),
        **links(job),
    }


def accepted(job: Job) -> dict[str, str]:
    """What is told of a job that was stored."""
    return {"jobId": str(job.id), "status": job.status, **links(job)}


def batch(batch_id: str, batch: Batch) -> dict[str, Any]:
    """How far a batch is: `progress` in percent of all its jobs."""
    return {
        "batchId": batch_id,
        "jobs": batch.jobs,
        "final": batch.is_final,
        "progress": batch.progress // batch.jobs,
        "statuses": {status: batch.counts.get(status, 0) for status in Status},
    }


def links(job: Job) -> dict[str, str]:
    """Where the job can be asked for and watched."""
    return {
        "statusUrl": f"/api/jobs/{job.id}",
        "eventsUrl": f"/api/jobs/{job.id}/events",
    }


def attempt(row: dict[str, Any]) -> dict[str, Any]:
    """One line of a job's history."""
    return {
        "attempt": row["attempt"],
        "workerId": str(row["worker_id"]),
        "startedAt": moment(row["started_at"]),
        "endedAt": moment(row["ended_at"]),
        "outcome": row["outcome"],
        "error": row["error"],
    }


def stat(row: dict[str, Any]) -> dict[str, Any]:
    """One line of document_job_stats; durations in seconds."""
    return {
        "jobType": row["job_type"],
        "status": row["status"],
        "jobs": row["jobs"],
        "scheduled": row["scheduled"],
        "oldestWaitSeconds": row["oldest_wait_seconds"],
        "medianRunSeconds": row["median_run_seconds"],
    }


def artifact(artifact: Artifact) -> dict[str, Any]:
    """What is known of a file without opening it; `fileSize` in bytes."""
    has_preview = artifact.mime_type in previews.KINDS
    return {
        "artifactId": str(artifact.id),
        "jobId": str(artifact.job_id),
        "fileName": artifact.file_name,
        "mimeType": artifact.mime_type,
        "fileSize": artifact.file_size,
        "sha256": artifact.sha256,
        "createdAt": moment(artifact.created_at),
        "downloadUrl": f"/api/artifacts/{artifact.id}/download",
        "previewUrl": f"/api/artifacts/{artifact.id}/preview" if has_preview else None,
    }


def moment(at: datetime | None) -> str | None:
    """RFC 3339 with zone."""
    return at.isoformat() if at else None


def encode(value: Any) -> str:
    """Compact JSON on one line, whatever the reader takes for a line."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():  # a refusal may quote half of a surrogate pair
        text = text.encode(errors="replace").decode()
    for character, escape in LINE_BREAKS.items():
        text = text.replace(character, escape)

    return text


class Json(Response):
    """JSON that no cache keeps."""

    def __init__(
        self, content: Any, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(
            encode(content),
            status,
            {"Cache-Control": "no-store", **(headers or {})},
            "application/json",
        )
