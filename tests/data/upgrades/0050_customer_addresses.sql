INSERT INTO customer_addresses (conversation_id, address, agent_id, created_at) VALUES
  ('mail', 'ana@sluzba.example', 1, 1760000005000),
  ('mail', 'ana@xn--aba-sdc.example', 1, 1760000005001),
  ('mine', 'ana@sluzba.example', 2, 1760000005002),
  ('mine', '''; DROP TABLE mails; --@x.example', 1, 1760000005003);
INSERT INTO mails
  (identity, message_id, sender, subject, original, conversation_id, seq, created_at, reply_to) VALUES
  ('id-4', '<d@kupec.example>', 'ana@kupec.example', 'Odgovor', 'Pišite na službeni naslov.', NULL, NULL, 1760000005004,
   'ana@sluzba.example');
