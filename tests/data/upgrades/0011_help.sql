INSERT INTO article_answers (site, language, article, at) VALUES
  ('demo', 'sl', 'orders/track', 1760000002000),
  ('gone', 'xx', 'no/such', 1);
INSERT INTO article_feedback
  (article, language, site, helpful, reason, words, visitor, created_at, read_at, read_by) VALUES
  ('orders/track', 'sl', 'demo', FALSE, 'wrong', '"Ni res" </textarea>', 'v1', 1760000002000, NULL, NULL),
  ('orders/track', 'sl', 'demo', TRUE, NULL, NULL, NULL, 1760000002000, 1760000003000, 1);
INSERT INTO ratings (conversation_id, about, score, words, agent_id, created_at, changed_at) VALUES
  ('done', 'person', 1, 'rude ''"', 2, 1759900010000, 1759900011000),
  ('bot', 'bot', 5, NULL, NULL, 1760000002000, 1760000002000);
