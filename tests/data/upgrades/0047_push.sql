INSERT INTO push_subscriptions (agent_id, endpoint, endpoint_hash, p256dh, auth, session_id, device, language, created_at, seen_at, sent_at, failing_since, problem, told) VALUES
  (1, 'https://push.example/send/a?b=1', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'BEl62iUYgUivxIkv69yViEuiBIa-Ib9-SkvMeAtA3LFgDzkrxZJjSgSnfckjBJuBkr3qBUYIHBQFLXYp5Nksh8U', 'AAAAAAAAAAAAAAAAAAAAAA', 'gone', NULL, 'sl', 1760000005000, 1760000005000, NULL, NULL, NULL, NULL),
  (2, 'https://push.example/send/b', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'x', 'y', '', 'Firefox', 'en', 1760000005000, 1760000005000, 1760000005000, 1760000005000, 'It answered 500.', '{"handoff:1": "1"}');
INSERT INTO pushes (subscription_id, tag, content, status, attempts, due_at, created_at, finished_at)
  SELECT id, 'message', '{"count": 2, "conversation": "<b>"}', 'waiting', 0, 1760000005000, 1760000005000, NULL FROM push_subscriptions;
