-- name: notice_a_dead_client
-- A listener that is gone without a word would hold back the queue of notices for two hours.
SELECT set_config('tcp_keepalives_idle', '10', false),
       set_config('tcp_keepalives_interval', '5', false),
       set_config('tcp_keepalives_count', '3', false),
       set_config('tcp_user_timeout', '30000', false)

-- name: listening_channels
SELECT coalesce(array_agg(channel), '{}') FROM pg_listening_channels() AS channel

-- name: notify
SELECT pg_notify($1, '')
