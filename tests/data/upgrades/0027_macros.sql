INSERT INTO macros (id, agent_id, name, steps, position, updated_by, updated_at) VALUES
  (1, NULL, 'Vračilo', '{"priority": "high", "end": "resolve"}', 1, 1, 1760000000000),
  (2, 1, 'Moj', '{"note": "Poklical sem."}', 1, 1, 1760000000000);
INSERT INTO scheduled_actions (id, batch, kind, name, conversation_id, agent_id, seen, steps, status, problem, attempts, due_at, created_at, finished_at) VALUES
  (1, '1-abc', 'macro', 'Vračilo', 'done', 1, 2, '{"priority": "high"}', 'refused', 'Too late.', 1, 1760000005000, 1760000000000, 1760000005000);
