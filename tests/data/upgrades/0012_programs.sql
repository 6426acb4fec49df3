INSERT INTO api_tokens
  (token_hash, name, agent_id, role, created_at, created_by, expires_at, last_used_at, revoked_at) VALUES
  ('token', 'CRM <x>', 1, 'agent', 1759999000000, 1, NULL, 1760000000000, NULL),
  ('old', 'Old', 2, 'agent', 1759999000000, NULL, 1759999500000, NULL, 1759999400000);
INSERT INTO webhooks (url, events, secret, enabled, failing_since, off_reason, last_seq, created_at, created_by) VALUES
  ('https://hooks.example/a?b=%20', '["conversation.handed_off"]', 'whsec_1', TRUE, NULL, NULL, 1, 1759999000000, 1),
  ('https://hooks.example/b', '["conversation.resolved"]', 'whsec_2', FALSE, 1759999000000, 'failing', 0, 1759999000000,
   NULL);
INSERT INTO deliveries
  (webhook_id, event_id, event, conversation_id, body, status, attempts, next_at, since, created_at, finished_at,
   answer_status, answer, problem) VALUES
  (1, 'e1', 'conversation.handed_off', 'first', '{"event": "conversation.handed_off"}', 'waiting', 1, 1760000000000,
   1760000000000, 1760000000000, NULL, 500, '<h1>no', NULL),
  (2, 'e2', 'conversation.resolved', NULL, '{}', 'failed', 9, 1759999000000, 1759999000000, 1759999000000, 1759999100000,
   NULL, NULL, 'no answer');
