INSERT INTO erasures (id, status, targets, counts, agent_id, attempts, due_at, created_at, finished_at) VALUES
  ('er1', 'done', NULL, '{"messages": 4}', 1, 1, 1760000000000, 1760000000000, 1760000001000);
