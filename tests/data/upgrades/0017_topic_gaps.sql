INSERT INTO topic_gaps (conversation_id, seq, topic, created_at) VALUES
  ('bot', 3, 'delivery/cost', 1760000003000),
  ('done', 1, 'no such topic "any more"', 1759900000000);
