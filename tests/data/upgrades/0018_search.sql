INSERT INTO conversation_articles (conversation_id, article) VALUES ('bot', 'orders/track'), ('done', 'no/such');
INSERT INTO saved_views (agent_id, name, query, shared, created_at) VALUES
  (1, 'Wait <long>', 'state=waiting&q=%27%3B--', TRUE, 1760000000000),
  (3, 'Of one who is gone', 'sort=no-such&x=1', FALSE, 1760000000000);
