-- What the doctor looks at: each statement says in one row whether all is well, and what it saw.

-- name: stuck_jobs
-- Due for five minutes and not begun, or held by a worker that nobody has rescued them from.
SELECT waiting + held = 0 AS is_well,
       format('%s due for more than 5 minutes, %s held by a dead worker', waiting, held) AS says
FROM (SELECT count(*) FILTER (
                 WHERE job.status = 'pending' AND job.scheduled_at < now() - interval '5 minutes'
                   AND job.job_type <> ALL (
                       ARRAY(SELECT job_type FROM document_paused_job_types))) AS waiting,
             count(*) FILTER (
                 WHERE job.status = 'processing' AND job.started_at < now() - interval '2 minutes'
                   AND coalesce(worker.heartbeat_at < now() - 3 * worker.lease, true)) AS held
      FROM document_jobs AS job
      LEFT JOIN document_workers AS worker ON worker.id = job.worker_id
      WHERE job.status IN ('pending', 'processing')) AS stuck

-- name: listeners
-- Each asks every two seconds whether it still hears.
SELECT listening >= workers AND silent = 0 AS is_well,
       format('%s listening, the oldest for %s; %s silent for 15 s; %s workers alive', listening,
              coalesce(date_trunc('second', age)::text, '-'), silent, workers) AS says
FROM (SELECT count(*) AS listening, max(now() - backend_start) AS age,
             count(*) FILTER (WHERE state_change < now() - interval '15 s') AS silent
      FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'pressroom % listener') AS ears,
     (SELECT count(*) AS workers FROM document_workers
      WHERE heartbeat_at > now() - lease) AS alive

-- name: notices
SELECT usage < 0.1 AS is_well, format('%s %% of the queue of notices is used',
                                      round(usage::numeric * 100, 1)) AS says
FROM pg_notification_queue_usage() AS usage

-- name: oldest_snapshot
-- While it is held, vacuum removes nothing that was there when it was taken.
SELECT coalesce(age < interval '5 minutes', true) AS is_well,
       coalesce(who || ' holds one for ' || date_trunc('second', age), 'none') AS says
FROM (SELECT NULL) AS always
LEFT JOIN (
    SELECT format('pid %s, %s of %s, %s', pid, coalesce(nullif(application_name, ''), backend_type),
                  coalesce(usename, '-'), coalesce(state, '-')) AS who,
           now() - xact_start AS age
    FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
      AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
    UNION ALL
    SELECT format('prepared transaction %s', gid), now() - prepared FROM pg_prepared_xacts
    UNION ALL
    SELECT format('unused replication slot %s', slot_name), interval '1 day'
    FROM pg_replication_slots WHERE NOT active AND (xmin IS NOT NULL OR catalog_xmin IS NOT NULL)
    ORDER BY age DESC NULLS LAST
    LIMIT 1
) AS oldest ON true

-- name: dead_rows
SELECT count(*) FILTER (WHERE is_bloated) = 0 AS is_well,
       coalesce(string_agg(format('%s has %s dead rows beside %s, vacuumed %s', relname, n_dead_tup,
                                  n_live_tup, coalesce(date_trunc('second', vacuumed)::text, 'never')),
                           '; ') FILTER (WHERE is_bloated),
                format('%s dead rows in all', coalesce(sum(n_dead_tup), 0))) AS says
FROM (SELECT *, n_dead_tup > 10000 AND n_dead_tup > n_live_tup / 5 AS is_bloated,
             greatest(last_vacuum, last_autovacuum) AS vacuumed
      FROM pg_stat_user_tables WHERE relname LIKE 'document\_%') AS tables

-- name: autovacuum
SELECT current_setting('autovacuum')::boolean AND current_setting('track_counts')::boolean
           AND count(relname) = 0 AS is_well,
       format('autovacuum is %s%s', current_setting('autovacuum'),
              coalesce(', but not for ' || string_agg(relname, ', '), '')) AS says
FROM (SELECT NULL) AS always
LEFT JOIN pg_class ON relname LIKE 'document\_%' AND relkind = 'r'
                  AND 'autovacuum_enabled=false' = ANY (reloptions)

-- name: indexes
-- An invalid one is what a CREATE INDEX CONCURRENTLY that failed leaves behind.
SELECT invalid IS NULL AND scans_are_small AS is_well,
       format('%s %% of the reads of jobs go by an index%s', share,
              coalesce('; invalid: ' || invalid, '')) AS says
FROM (SELECT coalesce(round(100.0 * idx_scan / nullif(idx_scan + seq_scan, 0)), 100) AS share,
             n_live_tup < 10000 OR idx_scan > 10 * seq_scan AS scans_are_small
      FROM pg_stat_user_tables WHERE relname = 'document_jobs') AS used,
     (SELECT string_agg(indexrelid::regclass::text, ', ') AS invalid
      FROM pg_index WHERE NOT indisvalid AND indrelid::regclass::text LIKE 'document\_%') AS broken

-- name: connections
SELECT used < 0.8 * most AS is_well, format('%s of %s connections are used', used, most) AS says
FROM (SELECT count(*) AS used, current_setting('max_connections')::integer AS most
      FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections
