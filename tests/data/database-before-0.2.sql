BEGIN TRANSACTION;
CREATE TABLE agents (
	id INTEGER NOT NULL, 
	email VARCHAR(320) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	password_hash VARCHAR(255) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_at BIGINT NOT NULL, last_seen_at BIGINT, 
	CONSTRAINT pk_agents PRIMARY KEY (id), 
	CONSTRAINT uq_agents_email UNIQUE (email)
);
INSERT INTO "agents" VALUES(1,'ana@smreka.example','Ana Kovač','$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$0m1k3nq2Nw','admin',0,1795975646785,NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0014_joins');
CREATE TABLE api_tokens (
	id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	agent_id INTEGER NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by INTEGER, 
	expires_at BIGINT, 
	last_used_at BIGINT, 
	revoked_at BIGINT, 
	CONSTRAINT pk_api_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_api_tokens_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_api_tokens_created_by_agents FOREIGN KEY(created_by) REFERENCES agents (id), 
	CONSTRAINT uq_api_tokens_token_hash UNIQUE (token_hash)
);
CREATE TABLE article_answers (
	id INTEGER NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	article VARCHAR(200) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_article_answers PRIMARY KEY (id)
);
INSERT INTO "article_answers" VALUES(1,'demo','sl','orders/track',1795975646806);
CREATE TABLE article_feedback (
	id INTEGER NOT NULL, 
	article VARCHAR(200) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	helpful BOOLEAN NOT NULL, 
	reason VARCHAR(20), 
	words TEXT, 
	visitor VARCHAR(64), 
	created_at BIGINT NOT NULL, 
	read_at BIGINT, 
	read_by INTEGER, 
	CONSTRAINT pk_article_feedback PRIMARY KEY (id), 
	CONSTRAINT fk_article_feedback_read_by_agents FOREIGN KEY(read_by) REFERENCES agents (id), 
	CONSTRAINT uq_article_feedback_article_language_visitor UNIQUE (article, language, visitor)
);
CREATE TABLE attachments (
	id VARCHAR(32) NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	seq INTEGER, 
	agent_id INTEGER, 
	name VARCHAR(120) NOT NULL, 
	type VARCHAR(40) NOT NULL, 
	size INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	width INTEGER, 
	height INTEGER, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_attachments PRIMARY KEY (id), 
	CONSTRAINT fk_attachments_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_attachments_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	agent_id INTEGER, 
	action VARCHAR(40) NOT NULL, 
	object VARCHAR(80), 
	detail JSON, 
	address VARCHAR(45), 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT fk_audit_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
INSERT INTO "audit" VALUES(1,1795975646782,NULL,'invited',NULL,'{"email": "ana@smreka.example", "role": "admin"}',NULL);
INSERT INTO "audit" VALUES(2,1795975646787,1,'invitation_used','agent:1','{"role": "admin"}',NULL);
INSERT INTO "audit" VALUES(3,1795975646828,1,'webhook_added','webhook:1','{"events": 2}',NULL);
INSERT INTO "audit" VALUES(4,1795975646832,1,'saved_reply_changed','saved_reply:1','{"shortcut": "hvala"}',NULL);
INSERT INTO "audit" VALUES(5,1795975646880,1,'claimed','conversation:mine0mine0mine0mine0mine','null',NULL);
INSERT INTO "audit" VALUES(6,1795975646921,1,'claimed','conversation:late0late0late0late0late','null',NULL);
INSERT INTO "audit" VALUES(7,1795975646924,1,'snoozed','conversation:late0late0late0late0late','null',NULL);
CREATE TABLE conversations (
	id VARCHAR(32) NOT NULL, 
	site VARCHAR(64) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	page_language VARCHAR(8), 
	page TEXT, 
	status VARCHAR(10) NOT NULL, 
	epoch INTEGER NOT NULL, 
	last_seq INTEGER NOT NULL, 
	agent_id INTEGER, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, channel VARCHAR(10) DEFAULT 'widget' NOT NULL, name VARCHAR(120), email VARCHAR(320), customer VARCHAR(120), verified BOOLEAN DEFAULT 0 NOT NULL, browser JSON, attributes JSON, consent_at BIGINT, consent_text VARCHAR(64), 
	CONSTRAINT pk_conversations PRIMARY KEY (id), 
	CONSTRAINT fk_conversations_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
INSERT INTO "conversations" VALUES('bot0bot0bot0bot0bot0bot0','demo','sl',NULL,NULL,'bot',0,3,NULL,1795975646788,1795975646812,'widget',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('wait0wait0wait0wait0wait','demo','hr',NULL,NULL,'queued',1,1,NULL,1795975646842,1795975646852,'widget',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('mine0mine0mine0mine0mine','demo','pl',NULL,NULL,'open',2,4,1,1795975646857,1795975646901,'widget',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL);
INSERT INTO "conversations" VALUES('late0late0late0late0late','demo','en',NULL,NULL,'open',2,3,1,1795975646904,1795975646924,'widget',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	webhook_id INTEGER NOT NULL, 
	event_id VARCHAR(40) NOT NULL, 
	event VARCHAR(40) NOT NULL, 
	conversation_id VARCHAR(32), 
	body TEXT NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_at BIGINT NOT NULL, 
	since BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	answer_status INTEGER, 
	answer VARCHAR(200), 
	problem VARCHAR(200), 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_deliveries_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_deliveries_webhook_id_webhooks FOREIGN KEY(webhook_id) REFERENCES webhooks (id)
);
INSERT INTO "deliveries" VALUES(1,1,'evt_5f51d345c6bcafed350a804a','conversation.handed_off','wait0wait0wait0wait0wait','{"id":"evt_5f51d345c6bcafed350a804a","type":"conversation.handed_off","timestamp":"2026-11-29T18:07:26.849Z","seq":1,"data":{"conversation":{"id":"wait0wait0wait0wait0wait","site":"demo","channel":"widget","status":"queued","language":"hr","agent":null,"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":0,"created_at":"2026-11-29T18:07:26.842Z","updated_at":"2026-11-29T18:07:26.844Z"}}}','waiting',0,1795975646849,1795975646849,1795975646849,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(2,1,'evt_22ce6d5a15ec1a149292cd64','message.created','wait0wait0wait0wait0wait','{"id":"evt_22ce6d5a15ec1a149292cd64","type":"message.created","timestamp":"2026-11-29T18:07:26.852Z","seq":2,"data":{"conversation":{"id":"wait0wait0wait0wait0wait","site":"demo","channel":"widget","status":"queued","language":"hr","agent":null,"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":1,"created_at":"2026-11-29T18:07:26.842Z","updated_at":"2026-11-29T18:07:26.852Z"},"message":{"seq":1,"sender":"customer","internal":false,"text":"Trebam djelatnika, molim.","html":"<p>Trebam djelatnika, molim.</p>","agent":null,"answer":null,"attachments":[],"created_at":"2026-11-29T18:07:26.852Z"}}}','waiting',0,1795975646852,1795975646852,1795975646852,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(3,1,'evt_e6d78e6661def8c09d4d7c24','conversation.handed_off','mine0mine0mine0mine0mine','{"id":"evt_e6d78e6661def8c09d4d7c24","type":"conversation.handed_off","timestamp":"2026-11-29T18:07:26.860Z","seq":3,"data":{"conversation":{"id":"mine0mine0mine0mine0mine","site":"demo","channel":"widget","status":"queued","language":"pl","agent":null,"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":0,"created_at":"2026-11-29T18:07:26.857Z","updated_at":"2026-11-29T18:07:26.859Z"}}}','waiting',0,1795975646860,1795975646860,1795975646860,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(4,1,'evt_637fc06f1986429d70df31b2','message.created','mine0mine0mine0mine0mine','{"id":"evt_637fc06f1986429d70df31b2","type":"message.created","timestamp":"2026-11-29T18:07:26.861Z","seq":4,"data":{"conversation":{"id":"mine0mine0mine0mine0mine","site":"demo","channel":"widget","status":"queued","language":"pl","agent":null,"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":1,"created_at":"2026-11-29T18:07:26.857Z","updated_at":"2026-11-29T18:07:26.860Z"},"message":{"seq":1,"sender":"customer","internal":false,"text":"Proszę o konsultanta.","html":"<p>Proszę o konsultanta.</p>","agent":null,"answer":null,"attachments":[],"created_at":"2026-11-29T18:07:26.860Z"}}}','waiting',0,1795975646861,1795975646861,1795975646861,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(5,1,'evt_258db833d26e3cf27e064112','message.created','mine0mine0mine0mine0mine','{"id":"evt_258db833d26e3cf27e064112","type":"message.created","timestamp":"2026-11-29T18:07:26.879Z","seq":5,"data":{"conversation":{"id":"mine0mine0mine0mine0mine","site":"demo","channel":"widget","status":"open","language":"pl","agent":{"id":1,"name":"Ana Kovač"},"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":2,"created_at":"2026-11-29T18:07:26.857Z","updated_at":"2026-11-29T18:07:26.878Z"},"message":{"seq":2,"sender":"system","internal":false,"text":"Ana is here.","html":"<p>Ana is here.</p>","agent":null,"answer":null,"attachments":[],"created_at":"2026-11-29T18:07:26.878Z"}}}','waiting',0,1795975646879,1795975646879,1795975646879,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(6,1,'evt_dff3de66d49baf64463f1a7e','message.created','mine0mine0mine0mine0mine','{"id":"evt_dff3de66d49baf64463f1a7e","type":"message.created","timestamp":"2026-11-29T18:07:26.888Z","seq":6,"data":{"conversation":{"id":"mine0mine0mine0mine0mine","site":"demo","channel":"widget","status":"open","language":"pl","agent":{"id":1,"name":"Ana Kovač"},"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":3,"created_at":"2026-11-29T18:07:26.857Z","updated_at":"2026-11-29T18:07:26.886Z"},"message":{"seq":3,"sender":"agent","internal":false,"text":"Już sprawdzam.","html":"<p>Już sprawdzam.</p>","agent":{"id":1,"name":"Ana Kovač"},"answer":null,"attachments":[],"created_at":"2026-11-29T18:07:26.886Z"}}}','waiting',0,1795975646888,1795975646888,1795975646888,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(7,1,'evt_b70cf56a945f9a885d923230','conversation.handed_off','late0late0late0late0late','{"id":"evt_b70cf56a945f9a885d923230","type":"conversation.handed_off","timestamp":"2026-11-29T18:07:26.907Z","seq":7,"data":{"conversation":{"id":"late0late0late0late0late","site":"demo","channel":"widget","status":"queued","language":"en","agent":null,"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":0,"created_at":"2026-11-29T18:07:26.904Z","updated_at":"2026-11-29T18:07:26.906Z"}}}','waiting',0,1795975646907,1795975646907,1795975646907,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(8,1,'evt_cbc7ec18178559808c9ebcd9','message.created','late0late0late0late0late','{"id":"evt_cbc7ec18178559808c9ebcd9","type":"message.created","timestamp":"2026-11-29T18:07:26.913Z","seq":8,"data":{"conversation":{"id":"late0late0late0late0late","site":"demo","channel":"widget","status":"queued","language":"en","agent":null,"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":1,"created_at":"2026-11-29T18:07:26.904Z","updated_at":"2026-11-29T18:07:26.912Z"},"message":{"seq":1,"sender":"customer","internal":false,"text":"My tent is torn.","html":"<p>My tent is torn.</p>","agent":null,"answer":null,"attachments":[],"created_at":"2026-11-29T18:07:26.912Z"}}}','waiting',0,1795975646913,1795975646913,1795975646913,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(9,1,'evt_e933a6b2b8b47dbabb9a2031','message.created','late0late0late0late0late','{"id":"evt_e933a6b2b8b47dbabb9a2031","type":"message.created","timestamp":"2026-11-29T18:07:26.920Z","seq":9,"data":{"conversation":{"id":"late0late0late0late0late","site":"demo","channel":"widget","status":"open","language":"en","agent":{"id":1,"name":"Ana Kovač"},"customer":{"id":null,"name":null,"email":null,"verified":false},"page":null,"attributes":{},"last_seq":2,"created_at":"2026-11-29T18:07:26.904Z","updated_at":"2026-11-29T18:07:26.920Z"},"message":{"seq":2,"sender":"system","internal":false,"text":"Ana is here.","html":"<p>Ana is here.</p>","agent":null,"answer":null,"attachments":[],"created_at":"2026-11-29T18:07:26.920Z"}}}','waiting',0,1795975646920,1795975646920,1795975646920,NULL,NULL,NULL,NULL);
CREATE TABLE drafts (
	id INTEGER NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	category VARCHAR(64) NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	question TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	proposed_by INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	decided_by INTEGER, 
	decided_at BIGINT, 
	CONSTRAINT pk_drafts PRIMARY KEY (id), 
	CONSTRAINT fk_drafts_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_drafts_proposed_by_agents FOREIGN KEY(proposed_by) REFERENCES agents (id), 
	CONSTRAINT fk_drafts_decided_by_agents FOREIGN KEY(decided_by) REFERENCES agents (id)
);
CREATE TABLE duties (
	agent_id INTEGER NOT NULL, 
	capacity INTEGER, 
	languages JSON, 
	topics JSON, 
	available BOOLEAN NOT NULL, 
	seen_at BIGINT NOT NULL, wants_mail BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_duties PRIMARY KEY (agent_id), 
	CONSTRAINT fk_duties_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
CREATE TABLE flags (
	id INTEGER NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	reason VARCHAR(500), 
	status VARCHAR(10) NOT NULL, 
	flagged_by INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	done_by INTEGER, 
	done_at BIGINT, 
	CONSTRAINT pk_flags PRIMARY KEY (id), 
	CONSTRAINT fk_flags_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_flags_flagged_by_agents FOREIGN KEY(flagged_by) REFERENCES agents (id), 
	CONSTRAINT fk_flags_done_by_agents FOREIGN KEY(done_by) REFERENCES agents (id)
);
CREATE TABLE "handoffs" (
	id INTEGER NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	agent_id INTEGER, 
	created_at BIGINT NOT NULL, 
	claimed_at BIGINT, 
	closed_at BIGINT, 
	topic VARCHAR(64), 
	promised_at BIGINT, 
	note_seq INTEGER, 
	passed_by INTEGER, snoozed_until BIGINT, ticket BOOLEAN DEFAULT 0 NOT NULL, asks_email BOOLEAN DEFAULT 0 NOT NULL, priority VARCHAR(10), first_claimed_at BIGINT, replied_at BIGINT, asked_at BIGINT, told_at BIGINT, outcome VARCHAR(10), 
	CONSTRAINT pk_handoffs PRIMARY KEY (id), 
	CONSTRAINT fk_handoffs_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_handoffs_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_handoffs_passed_by_agents FOREIGN KEY(passed_by) REFERENCES agents (id)
);
INSERT INTO "handoffs" VALUES(1,'wait0wait0wait0wait0wait','human_requested','hr','waiting',NULL,1795975646853,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "handoffs" VALUES(2,'mine0mine0mine0mine0mine','human_requested','pl','claimed',1,1795975646862,1793000000000,NULL,NULL,NULL,NULL,NULL,NULL,0,0,NULL,1793000000000,1793000000000,NULL,NULL,NULL);
INSERT INTO "handoffs" VALUES(3,'late0late0late0late0late','human_requested','en','snoozed',1,1795975646914,1793000000000,NULL,NULL,NULL,NULL,NULL,1793003600000,0,0,NULL,1793000000000,NULL,NULL,NULL,NULL);
CREATE TABLE held_replies (
	id INTEGER NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	agent_id INTEGER NOT NULL, 
	client_id VARCHAR(64), 
	text TEXT NOT NULL, 
	html TEXT NOT NULL, 
	undone BOOLEAN NOT NULL, 
	send_at BIGINT NOT NULL, attachments JSON, 
	CONSTRAINT pk_held_replies PRIMARY KEY (id), 
	CONSTRAINT uq_held_replies_conversation_id_client_id UNIQUE (conversation_id, client_id), 
	CONSTRAINT fk_held_replies_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_held_replies_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
INSERT INTO "held_replies" VALUES(1,'mine0mine0mine0mine0mine',1,'agent/a1-y','Paczka jest w drodze.','<p>Paczka jest w drodze.</p>',0,1793000005000,NULL);
CREATE TABLE "invitations" (
	token_hash VARCHAR(64) NOT NULL, 
	email VARCHAR(320), 
	role VARCHAR(20) NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	used_at BIGINT, 
	invited_by INTEGER, 
	CONSTRAINT pk_invitations PRIMARY KEY (token_hash), 
	CONSTRAINT fk_invitations_invited_by_agents FOREIGN KEY(invited_by) REFERENCES agents (id)
);
INSERT INTO "invitations" VALUES('766327f6292483b3bc8d05da77ad3e5613a0508a6cc0c3362fa5df97a4ad887b','ana@smreka.example','admin',1795975646780,1796580446780,1795975646784,NULL);
CREATE TABLE letters (
	id INTEGER NOT NULL, 
	kind VARCHAR(12) NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	agent_id INTEGER, 
	recipient VARCHAR(320) NOT NULL, 
	seq INTEGER, 
	message_id VARCHAR(320) NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	error VARCHAR(300), 
	created_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	CONSTRAINT pk_letters PRIMARY KEY (id), 
	CONSTRAINT fk_letters_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_letters_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT uq_letters_message_id UNIQUE (message_id)
);
CREATE TABLE mailboxes (
	name VARCHAR(300) NOT NULL, 
	uidvalidity BIGINT NOT NULL, 
	last_uid BIGINT NOT NULL, 
	CONSTRAINT pk_mailboxes PRIMARY KEY (name)
);
CREATE TABLE mails (
	id INTEGER NOT NULL, 
	identity VARCHAR(64) NOT NULL, 
	message_id VARCHAR(320), 
	sender VARCHAR(320), 
	subject VARCHAR(300) NOT NULL, 
	original TEXT NOT NULL, 
	attachments JSON, 
	automatic VARCHAR(40), 
	conversation_id VARCHAR(32), 
	seq INTEGER, 
	created_at BIGINT NOT NULL, 
	CONSTRAINT pk_mails PRIMARY KEY (id), 
	CONSTRAINT fk_mails_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT uq_mails_identity UNIQUE (identity)
);
CREATE TABLE mentions (
	conversation_id VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	read_at BIGINT, 
	CONSTRAINT pk_mentions PRIMARY KEY (conversation_id, seq, agent_id), 
	CONSTRAINT fk_mentions_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_mentions_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
CREATE TABLE merges (
	conversation_id VARCHAR(32) NOT NULL, 
	into_id VARCHAR(32) NOT NULL, 
	agent_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_merges PRIMARY KEY (conversation_id), 
	CONSTRAINT fk_merges_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_merges_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_merges_into_id_conversations FOREIGN KEY(into_id) REFERENCES conversations (id)
);
CREATE TABLE messages (
	conversation_id VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	sender VARCHAR(10) NOT NULL, 
	internal BOOLEAN NOT NULL, 
	client_id VARCHAR(64), 
	text TEXT NOT NULL, 
	html TEXT NOT NULL, 
	buttons JSON, 
	answer JSON, 
	considered JSON, 
	agent_id INTEGER, 
	reply_to INTEGER, 
	created_at BIGINT NOT NULL, attachments JSON, 
	CONSTRAINT pk_messages PRIMARY KEY (conversation_id, seq), 
	CONSTRAINT fk_messages_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_messages_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT uq_messages_conversation_id_client_id UNIQUE (conversation_id, client_id), 
	CONSTRAINT uq_messages_conversation_id_reply_to UNIQUE (conversation_id, reply_to)
);
INSERT INTO "messages" VALUES('bot0bot0bot0bot0bot0bot0',1,'customer',0,'c1','Kje je moje naročilo?','<p>Kje je moje naročilo?</p>','null','null','null',NULL,NULL,1795975646795,NULL);
INSERT INTO "messages" VALUES('bot0bot0bot0bot0bot0bot0',2,'bot',0,NULL,'Sledite mu tukaj.','<p>Sledite mu tukaj.</p>','[{"title": "Hvala", "payload": "/thanks"}]','{"article": "orders/track", "language": "sl", "title": "Sledenje", "url": "/help/sl/orders/track"}','null',NULL,1,1795975646805,NULL);
INSERT INTO "messages" VALUES('bot0bot0bot0bot0bot0bot0',3,'customer',0,'c2','In koliko stane?','<p>In koliko stane?</p>','null','null','null',NULL,NULL,1795975646812,NULL);
INSERT INTO "messages" VALUES('wait0wait0wait0wait0wait',1,'customer',0,'c1','Trebam djelatnika, molim.','<p>Trebam djelatnika, molim.</p>','null','null','null',NULL,NULL,1795975646852,NULL);
INSERT INTO "messages" VALUES('mine0mine0mine0mine0mine',1,'customer',0,'c1','Proszę o konsultanta.','<p>Proszę o konsultanta.</p>','null','null','null',NULL,NULL,1795975646860,NULL);
INSERT INTO "messages" VALUES('mine0mine0mine0mine0mine',2,'system',0,NULL,'Ana is here.','<p>Ana is here.</p>','null','null','null',NULL,NULL,1795975646878,NULL);
INSERT INTO "messages" VALUES('mine0mine0mine0mine0mine',3,'agent',0,'agent/a1-x','Już sprawdzam.','<p>Już sprawdzam.</p>','null','null','null',1,NULL,1795975646886,NULL);
INSERT INTO "messages" VALUES('mine0mine0mine0mine0mine',4,'agent',1,NULL,'Look at the parcel.','<p>Look at the parcel.</p>','null','null','null',1,NULL,1795975646890,NULL);
INSERT INTO "messages" VALUES('late0late0late0late0late',1,'customer',0,'c1','My tent is torn.','<p>My tent is torn.</p>','null','null','null',NULL,NULL,1795975646912,NULL);
INSERT INTO "messages" VALUES('late0late0late0late0late',2,'system',0,NULL,'Ana is here.','<p>Ana is here.</p>','null','null','null',NULL,NULL,1795975646920,NULL);
INSERT INTO "messages" VALUES('late0late0late0late0late',3,'system',1,NULL,'Snoozed.','<p>Snoozed.</p>','null','null','null',NULL,NULL,1795975646924,NULL);
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	first_seq INTEGER NOT NULL, 
	last_seq INTEGER NOT NULL, 
	automatic BOOLEAN NOT NULL, 
	if_unread BOOLEAN NOT NULL, 
	recipient VARCHAR(320) NOT NULL, 
	message_id VARCHAR(320) NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	error VARCHAR(300), 
	created_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT fk_outbox_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT uq_outbox_message_id UNIQUE (message_id)
);
CREATE TABLE phrasings (
	id INTEGER NOT NULL, 
	article VARCHAR(200) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	text VARCHAR(600) NOT NULL, 
	count INTEGER NOT NULL, 
	conversation_id VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	created_at BIGINT NOT NULL, 
	decided_by INTEGER, 
	decided_at BIGINT, 
	CONSTRAINT pk_phrasings PRIMARY KEY (id), 
	CONSTRAINT fk_phrasings_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_phrasings_decided_by_agents FOREIGN KEY(decided_by) REFERENCES agents (id), 
	CONSTRAINT uq_phrasings_article_language_text UNIQUE (article, language, text)
);
CREATE TABLE ratings (
	conversation_id VARCHAR(32) NOT NULL, 
	about VARCHAR(10) NOT NULL, 
	score INTEGER NOT NULL, 
	words TEXT, 
	agent_id INTEGER, 
	created_at BIGINT NOT NULL, 
	changed_at BIGINT NOT NULL, 
	CONSTRAINT pk_ratings PRIMARY KEY (conversation_id, about), 
	CONSTRAINT fk_ratings_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_ratings_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
CREATE TABLE recovery_codes (
	agent_id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	used_at BIGINT, 
	CONSTRAINT pk_recovery_codes PRIMARY KEY (agent_id, code_hash), 
	CONSTRAINT fk_recovery_codes_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
CREATE TABLE resets (
	token_hash VARCHAR(64) NOT NULL, 
	agent_id INTEGER NOT NULL, 
	made_by INTEGER, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	CONSTRAINT pk_resets PRIMARY KEY (token_hash), 
	CONSTRAINT fk_resets_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_resets_made_by_agents FOREIGN KEY(made_by) REFERENCES agents (id)
);
CREATE TABLE saved_replies (
	id INTEGER NOT NULL, 
	shortcut VARCHAR(32) NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	texts JSON NOT NULL, 
	version INTEGER NOT NULL, 
	updated_by INTEGER, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT pk_saved_replies PRIMARY KEY (id), 
	CONSTRAINT uq_saved_replies_shortcut UNIQUE (shortcut), 
	CONSTRAINT fk_saved_replies_updated_by_agents FOREIGN KEY(updated_by) REFERENCES agents (id)
);
INSERT INTO "saved_replies" VALUES(1,'hvala','Zahvala','{"sl": "Hvala za sporo\u010dilo!"}',1,1,1795975646830);
CREATE TABLE second_factors (
	agent_id INTEGER NOT NULL, 
	secret VARCHAR(64) NOT NULL, 
	confirmed_at BIGINT, 
	last_step BIGINT NOT NULL, 
	CONSTRAINT pk_second_factors PRIMARY KEY (agent_id), 
	CONSTRAINT fk_second_factors_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
CREATE TABLE sessions (
	token_hash VARCHAR(64) NOT NULL, 
	agent_id INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, last_seen_at BIGINT, device VARCHAR(60), address VARCHAR(45), 
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sessions_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id)
);
CREATE TABLE spam (
	conversation_id VARCHAR(32) NOT NULL, 
	agent_id INTEGER NOT NULL, 
	handoff_id INTEGER, 
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_spam PRIMARY KEY (conversation_id), 
	CONSTRAINT fk_spam_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id), 
	CONSTRAINT fk_spam_agent_id_agents FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_spam_handoff_id_handoffs FOREIGN KEY(handoff_id) REFERENCES handoffs (id)
);
CREATE TABLE turns (
	conversation_id VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	status VARCHAR(10) NOT NULL, 
	epoch INTEGER NOT NULL, 
	button JSON, 
	attempts INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	finished_at BIGINT, 
	CONSTRAINT pk_turns PRIMARY KEY (conversation_id, seq), 
	CONSTRAINT fk_turns_conversation_id_conversations FOREIGN KEY(conversation_id) REFERENCES conversations (id)
);
INSERT INTO "turns" VALUES('bot0bot0bot0bot0bot0bot0',1,'done',0,'null',1,1795975646797,1795975646807);
INSERT INTO "turns" VALUES('bot0bot0bot0bot0bot0bot0',3,'running',0,'null',1,1795975646812,NULL);
CREATE TABLE webhooks (
	id INTEGER NOT NULL, 
	url TEXT NOT NULL, 
	events JSON NOT NULL, 
	secret VARCHAR(80) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	failing_since BIGINT, 
	off_reason VARCHAR(10), 
	last_seq BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	created_by INTEGER, 
	CONSTRAINT pk_webhooks PRIMARY KEY (id), 
	CONSTRAINT fk_webhooks_created_by_agents FOREIGN KEY(created_by) REFERENCES agents (id)
);
INSERT INTO "webhooks" VALUES(1,'https://hooks.example/odziv','["conversation.handed_off", "message.created"]','whsec_dGhlIHNlY3JldCBvZiBhIHRlc3Q=',1,NULL,NULL,9,1795975646827,1);
CREATE INDEX ix_conversations_agent_id_status ON conversations (agent_id, status);
CREATE INDEX ix_sessions_agent_id ON sessions (agent_id);
CREATE INDEX ix_turns_status_created_at ON turns (status, created_at);
CREATE UNIQUE INDEX uq_turns_running ON turns (conversation_id) WHERE status = 'running';
CREATE INDEX ix_handoffs_conversation_id ON handoffs (conversation_id);
CREATE INDEX ix_handoffs_status_created_at ON handoffs (status, created_at);
CREATE INDEX ix_audit_action_id ON audit (action, id);
CREATE INDEX ix_audit_agent_id_id ON audit (agent_id, id);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_object ON audit (object);
CREATE INDEX ix_resets_agent_id ON resets (agent_id);
CREATE INDEX ix_phrasings_conversation_id ON phrasings (conversation_id);
CREATE INDEX ix_phrasings_status_created_at ON phrasings (status, created_at);
CREATE INDEX ix_conversations_email ON conversations (email);
CREATE INDEX ix_conversations_site_customer ON conversations (site, customer);
CREATE INDEX ix_held_replies_send_at ON held_replies (send_at);
CREATE INDEX ix_mentions_agent_id_read_at ON mentions (agent_id, read_at);
CREATE INDEX ix_drafts_conversation_id ON drafts (conversation_id);
CREATE INDEX ix_drafts_status_created_at ON drafts (status, created_at);
CREATE INDEX ix_flags_conversation_id ON flags (conversation_id);
CREATE INDEX ix_flags_status_created_at ON flags (status, created_at);
CREATE INDEX ix_handoffs_created_at ON handoffs (created_at);
CREATE INDEX ix_handoffs_language_first_claimed_at ON handoffs (language, first_claimed_at);
CREATE INDEX ix_conversations_created_at ON conversations (created_at);
CREATE INDEX ix_attachments_conversation_id ON attachments (conversation_id);
CREATE INDEX ix_outbox_status_due_at ON outbox (status, due_at);
CREATE INDEX ix_outbox_conversation_id_first_seq ON outbox (conversation_id, first_seq);
CREATE INDEX ix_outbox_recipient_created_at ON outbox (recipient, created_at);
CREATE INDEX ix_mails_message_id ON mails (message_id);
CREATE INDEX ix_mails_conversation_id_seq ON mails (conversation_id, seq);
CREATE INDEX ix_mails_sender_created_at ON mails (sender, created_at);
CREATE INDEX ix_article_answers_at ON article_answers (at);
CREATE INDEX ix_article_answers_site_language_at ON article_answers (site, language, at);
CREATE INDEX ix_article_feedback_read_at_created_at ON article_feedback (read_at, created_at);
CREATE INDEX ix_ratings_created_at ON ratings (created_at);
CREATE INDEX ix_api_tokens_agent_id ON api_tokens (agent_id);
CREATE INDEX ix_deliveries_conversation_id ON deliveries (conversation_id);
CREATE INDEX ix_deliveries_status_next_at ON deliveries (status, next_at);
CREATE INDEX ix_deliveries_webhook_id_id ON deliveries (webhook_id, id);
CREATE INDEX ix_letters_conversation_id ON letters (conversation_id);
CREATE INDEX ix_letters_status_due_at ON letters (status, due_at);
CREATE INDEX ix_letters_recipient_created_at ON letters (recipient, created_at);
CREATE INDEX ix_merges_into_id ON merges (into_id);
COMMIT;
