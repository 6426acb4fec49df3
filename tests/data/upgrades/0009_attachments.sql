INSERT INTO attachments
  (id, conversation_id, seq, agent_id, name, type, size, sha256, width, height, created_at) VALUES
  ('f11e', 'mine', 3, 1, '../../etc/passwd', 'image/png', 68, 'abc', 1, 1, 1760000003000),
  ('f11f', 'bot', NULL, NULL, 'račun "1".pdf', 'application/pdf', 900, 'def', NULL, NULL, 1760000003000),
  ('f120', 'mine', NULL, 1, 'paczka.webp', 'image/webp', 99, 'fed', 3, 4, 1760000005000);
UPDATE messages SET attachments =
  '[{"id": "f11e", "name": "../../etc/passwd", "type": "image/png", "size": 68, "width": 1, "height": 1}]'
  WHERE conversation_id = 'mine' AND seq = 3;
UPDATE held_replies SET attachments = '["f120"]' WHERE client_id = 'h1';
