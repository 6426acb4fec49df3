INSERT INTO phrasings
  (article, language, text, count, conversation_id, seq, status, created_at, decided_by, decided_at) VALUES
  ('orders/track', 'sl', 'kje je moj paket', 2, 'bot', 1, 'proposed', 1760000001000, NULL, NULL),
  ('orders/track', 'en', '<img src=x onerror=alert(1)>', 1, 'done', 1, 'dismissed', 1759900000000, 1, 1759900001000);
