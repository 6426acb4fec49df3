UPDATE agents SET last_seen_at = 1760000004000 WHERE id = 1;
INSERT INTO invitations (token_hash, email, role, created_at, expires_at, invited_by) VALUES
  ('invited by', 'marta@smreka.example', 'editor', 1759000000000, 1999000000000, 1);
INSERT INTO sessions (token_hash, agent_id, created_at, expires_at, last_seen_at, device, address) VALUES
  ('session', 2, 1759999000000, 1999000000000, 1759999500000, 'Firefox on Linux', '2001:db8::/64');
INSERT INTO resets (token_hash, agent_id, made_by, created_at, expires_at) VALUES
  ('reset', 2, 1, 1759999000000, 1999000000000);
INSERT INTO second_factors (agent_id, secret, confirmed_at, last_step) VALUES (2, 'JBSWY3DPEHPK3PXP', 1759999000000, 9);
INSERT INTO recovery_codes (agent_id, code_hash, used_at) VALUES (2, 'code', NULL), (2, 'used', 1759999000000);
INSERT INTO audit (at, agent_id, action, object, detail, address) VALUES
  (1759900009000, 2, 'resolved', 'conversation:done', NULL, '10.0.0.7'),
  (1760000002000, 1, 'claimed', 'conversation:mine', '{"from": "\u2028<x>"}', NULL),
  (1760000002500, NULL, 'sign_in_failed', NULL, NULL, '2001:db8::1');
