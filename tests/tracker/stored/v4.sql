-- What the software of 4 migration(s) left behind; never edited.
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'tunewise','m0001_log_and_records','2026-11-26 20:48:48.940666+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'tunewise','m0002_points','2026-11-26 20:48:48.941481+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'tunewise','m0003_search','2026-11-26 20:48:48.942230+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'tunewise','m0004_latest','2026-11-26 20:48:48.943207+00:00');
CREATE TABLE audit (
            seq INTEGER PRIMARY KEY, "at" TEXT NOT NULL, actor TEXT NOT NULL,
            identity TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
            payload TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL
        ) STRICT;
INSERT INTO "audit" VALUES(1,'2026-11-22T10:00:00Z','ana','stated','decision.proposed','triage-2026','{"recommended":"finetune","records":{"decisions/triage-2026":"sha256:9ec56096c55c7338900574cffef654a5b4d9f919e6b8da69569a1081b2e06e98"},"title":"Support triage"}','','sha256:1278e0fcd5bb09b4780ef52a7eeda2aff9ab9dfc9bc6a832aa60654af59a2257');
INSERT INTO "audit" VALUES(2,'2026-11-23T09:00:00Z','bo','token','decision.accepted','triage-2026','{"choice":"rag","conditions":["ask legal"],"justification":"cheaper to keep","records":{"decision_events/1":"sha256:5d71b6da66fce387b02fe84764aeda419ca25f52c07c3cda511e20772482adcc"},"review_on":""}','sha256:1278e0fcd5bb09b4780ef52a7eeda2aff9ab9dfc9bc6a832aa60654af59a2257','sha256:abf0b56447754a9bee8b5bc45099208af873df8fad328b4e15abea2e0cb4d83c');
INSERT INTO "audit" VALUES(3,'2026-11-22T10:00:00Z','ana','stated','dataset.registered','triage@1','{"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","name":"triage","number":1,"records":{"dataset_versions/triage@1":"sha256:d31c2620f4ae5cafba78b03cf4fe09bdf66b41743d178320dad771622b7e264c"}}','sha256:abf0b56447754a9bee8b5bc45099208af873df8fad328b4e15abea2e0cb4d83c','sha256:38d3285fe2286fd94b2ad3e9e4cf1a8ca2a76fb8a93d33aee2cc6cd8adc559b0');
INSERT INTO "audit" VALUES(4,'2026-11-22T10:00:00Z','ana','stated','dataset.registered','triage@2','{"digest":"sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb","name":"triage","number":2,"records":{"dataset_versions/triage@2":"sha256:5bdc8f3e34564cde67fdf8b4a731068758ee8f0b102dce65d4b2c08ea1f9b75e"}}','sha256:38d3285fe2286fd94b2ad3e9e4cf1a8ca2a76fb8a93d33aee2cc6cd8adc559b0','sha256:2e923ab284f5e5341fb91f87d7d0cebe5f6432221d3eddb942ac20cd4170a4f2');
INSERT INTO "audit" VALUES(5,'2026-11-22T10:00:00Z','ana','stated','experiment.created','e-1','{"dataset":"triage@2","records":{"experiments/e-1":"sha256:41d301a6d556ccc6db43fc692ae72a49ce22631d43c9b38031da4289f3ac4d17"},"title":"Arms"}','sha256:2e923ab284f5e5341fb91f87d7d0cebe5f6432221d3eddb942ac20cd4170a4f2','sha256:8cdfdeb874153f8c8b6e67c534026222cd39e569e544e772506949c9963b49ff');
INSERT INTO "audit" VALUES(6,'2026-11-22T10:00:00Z','ana','stated','run.queued','r-1','{"arm":"finetune","experiment":"e-1","records":{"runs/r-1":"sha256:679f69e6378ac3a2fb9759764f5a587aa79c9ab4cd7303312b6cf7a2f9d521bb"},"seed":0}','sha256:8cdfdeb874153f8c8b6e67c534026222cd39e569e544e772506949c9963b49ff','sha256:3ef87496efba2bfdcb6300dcca8a9caa3a329c1cd4d85818686d15739f64abec');
INSERT INTO "audit" VALUES(7,'2026-11-22T10:00:00Z','ana','stated','run.claimed','r-1','{"attempt":1,"owner":"w","records":{"run_events/1":"sha256:a330b9b5d744d58e59858781088a9400b6d81051da64d93a102377510e887ded"}}','sha256:3ef87496efba2bfdcb6300dcca8a9caa3a329c1cd4d85818686d15739f64abec','sha256:2ba190dd555c5640bc645c40bb81c1ade626e6f58257d8d659ae9b7d963a83b7');
INSERT INTO "audit" VALUES(8,'2026-11-22T10:00:00Z','ana','stated','run.points-sealed','r-1','{"digest":"sha256:681f109e67c08685362f34e2a14b882f69ec6afa0768742089e4695b17973b4d","first":1,"last":2,"points":2,"records":{"run_events/2":"sha256:f0fa0bedd92543be5d57fa96ddd788dc44907479ce17a70fccd5552a078a19a4"}}','sha256:2ba190dd555c5640bc645c40bb81c1ade626e6f58257d8d659ae9b7d963a83b7','sha256:6016ed62554b1938b3e6614ccdb289249dcf02f51645d3aaef9c979841ff2638');
INSERT INTO "audit" VALUES(9,'2026-11-22T10:00:00Z','ana','stated','run.finished','r-1','{"attempt":1,"records":{"run_events/3":"sha256:73bb09169a28e817c2e38cda5bd0f8290bfc6d4642c7839e2d637e4fbaef30dd"}}','sha256:6016ed62554b1938b3e6614ccdb289249dcf02f51645d3aaef9c979841ff2638','sha256:226a351bcd68c92777435dc5e63626b1ca8c8f81f544b192b6b4812eb13d922a');
INSERT INTO "audit" VALUES(10,'2026-11-22T10:00:00Z','ana','stated','model.registered','triage@1','{"name":"triage","number":1,"records":{"model_versions/triage@1":"sha256:464116ae804948b9ebd67573cbe85dac982f30ecc474680d5afc504463b14929"},"run":"r-1"}','sha256:226a351bcd68c92777435dc5e63626b1ca8c8f81f544b192b6b4812eb13d922a','sha256:a0acc0da5d311d32864f509ecdca758c6f8f4160833c0b7deb5c48786306b9ad');
INSERT INTO "audit" VALUES(11,'2026-11-22T10:00:00Z','ana','stated','model.aliased','triage@1','{"alias":"production","because":"first","moved_from":"","records":{"model_events/1":"sha256:377d4bbbc187068e710c8ecb463b034b78d49894562f6572a6e61678115d7932"}}','sha256:a0acc0da5d311d32864f509ecdca758c6f8f4160833c0b7deb5c48786306b9ad','sha256:2f1572fd8d635e5602fb6f6139ddaedeb36250e6b6f97c795eb5144cda946567');
CREATE TABLE dataset_events (
                id INTEGER PRIMARY KEY,
                record TEXT NOT NULL REFERENCES dataset_versions (id),
                action TEXT NOT NULL, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
            ) STRICT;
CREATE TABLE dataset_versions (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL,
            number INTEGER NOT NULL, digest TEXT NOT NULL, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL,
            UNIQUE (name, number), CHECK (id = name || '@' || number)
        ) STRICT;
INSERT INTO "dataset_versions" VALUES('triage@1','triage',1,'sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','[]','{}','2026-11-22T10:00:00Z','ana','stated');
INSERT INTO "dataset_versions" VALUES('triage@2','triage',2,'sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','[]','{}','2026-11-22T10:00:00Z','ana','stated');
CREATE TABLE decision_events (
                id INTEGER PRIMARY KEY,
                record TEXT NOT NULL REFERENCES decisions (id),
                action TEXT NOT NULL, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
            ) STRICT;
INSERT INTO "decision_events" VALUES(1,'triage-2026','accepted','[]','{"choice":"rag","conditions":["ask legal"],"justification":"cheaper to keep","review_on":""}','2026-11-23T09:00:00Z','bo','token');
CREATE TABLE decisions (
            id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL,
            recommended TEXT NOT NULL, supersedes TEXT REFERENCES decisions (id),
            review_on TEXT, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
        ) STRICT;
INSERT INTO "decisions" VALUES('triage-2026','Support triage','finetune',NULL,NULL,'[]','{"facts":{"must_cite_sources":true}}','2026-11-22T10:00:00Z','ana','stated');
CREATE TABLE experiment_events (
                id INTEGER PRIMARY KEY,
                record TEXT NOT NULL REFERENCES experiments (id),
                action TEXT NOT NULL, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
            ) STRICT;
CREATE TABLE experiments (
            id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL,
            dataset TEXT REFERENCES dataset_versions (id), 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
        ) STRICT;
INSERT INTO "experiments" VALUES('e-1','Arms','triage@2','[]','{}','2026-11-22T10:00:00Z','ana','stated');
CREATE TABLE latest (
            run TEXT NOT NULL REFERENCES runs (id), metric TEXT NOT NULL, value REAL,
            PRIMARY KEY (run, metric)
        ) STRICT, WITHOUT ROWID;
INSERT INTO "latest" VALUES('r-1','accuracy',0.75);
INSERT INTO "latest" VALUES('r-1','loss',1.5);
CREATE TABLE leases (
            run TEXT PRIMARY KEY NOT NULL REFERENCES runs (id),
            attempt INTEGER NOT NULL, owner TEXT NOT NULL, "until" TEXT NOT NULL
        ) STRICT;
INSERT INTO "leases" VALUES('r-1',1,'w','2026-11-22T11:00:00Z');
CREATE TABLE model_events (
                id INTEGER PRIMARY KEY,
                record TEXT NOT NULL REFERENCES model_versions (id),
                action TEXT NOT NULL, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
            ) STRICT;
INSERT INTO "model_events" VALUES(1,'triage@1','aliased','[]','{"alias":"production","because":"first","moved_from":""}','2026-11-22T10:00:00Z','ana','stated');
CREATE TABLE model_versions (
            id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL,
            number INTEGER NOT NULL, run TEXT REFERENCES runs (id), 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL,
            UNIQUE (name, number), CHECK (id = name || '@' || number)
        ) STRICT;
INSERT INTO "model_versions" VALUES('triage@1','triage',1,'r-1','[]','{"option":"rag"}','2026-11-22T10:00:00Z','ana','stated');
CREATE TABLE points (
            id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id),
            metric TEXT NOT NULL, step INTEGER NOT NULL, value REAL,
            "at" TEXT NOT NULL
        ) STRICT;
INSERT INTO "points" VALUES(1,'r-1','loss',1,2.5,'2026-11-22T10:00:00Z');
INSERT INTO "points" VALUES(2,'r-1','loss',2,1.5,'2026-11-22T10:00:00Z');
CREATE TABLE run_events (
                id INTEGER PRIMARY KEY,
                record TEXT NOT NULL REFERENCES runs (id),
                action TEXT NOT NULL, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
            ) STRICT;
INSERT INTO "run_events" VALUES(1,'r-1','claimed','[]','{"attempt":1,"owner":"w"}','2026-11-22T10:00:00Z','ana','stated');
INSERT INTO "run_events" VALUES(2,'r-1','points-sealed','[]','{"digest":"sha256:681f109e67c08685362f34e2a14b882f69ec6afa0768742089e4695b17973b4d","first":1,"last":2,"points":2}','2026-11-22T10:00:00Z','ana','stated');
INSERT INTO "run_events" VALUES(3,'r-1','finished','[]','{"attempt":1,"result":{"metrics":{"accuracy":0.75}}}','2026-11-22T10:00:00Z','ana','stated');
CREATE TABLE runs (
            id TEXT PRIMARY KEY NOT NULL,
            experiment TEXT REFERENCES experiments (id), arm TEXT NOT NULL,
            seed INTEGER NOT NULL, 
        blobs TEXT NOT NULL, body TEXT NOT NULL,
        "at" TEXT NOT NULL, "by" TEXT NOT NULL, identity TEXT NOT NULL
        ) STRICT;
INSERT INTO "runs" VALUES('r-1','e-1','finetune',0,'[]','{}','2026-11-22T10:00:00Z','ana','stated');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX audit_subject ON audit (subject);
CREATE INDEX runs_experiment ON runs (experiment);
CREATE INDEX decision_events_record ON decision_events (record);
CREATE INDEX dataset_events_record ON dataset_events (record);
CREATE INDEX experiment_events_record ON experiment_events (record);
CREATE INDEX run_events_record ON run_events (record);
CREATE INDEX model_events_record ON model_events (record);
CREATE INDEX points_run ON points (run, metric, step);
CREATE INDEX latest_metric ON latest (metric, value);
CREATE TRIGGER audit_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_insert BEFORE INSERT ON audit WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit) OR new.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY seq DESC LIMIT 1), '') BEGIN SELECT RAISE(ABORT, 'audit only takes the next entry of the chain'); END;
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER dataset_events_delete BEFORE DELETE ON dataset_events BEGIN SELECT RAISE(ABORT, 'dataset_events is append-only'); END;
CREATE TRIGGER dataset_events_insert BEFORE INSERT ON dataset_events WHEN new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM dataset_events) BEGIN SELECT RAISE(ABORT, 'dataset_events is numbered in order'); END;
CREATE TRIGGER dataset_events_update BEFORE UPDATE ON dataset_events BEGIN SELECT RAISE(ABORT, 'dataset_events is append-only'); END;
CREATE TRIGGER dataset_versions_delete BEFORE DELETE ON dataset_versions BEGIN SELECT RAISE(ABORT, 'dataset_versions is append-only'); END;
CREATE TRIGGER dataset_versions_insert BEFORE INSERT ON dataset_versions WHEN EXISTS (SELECT 1 FROM dataset_versions WHERE id = new.id) BEGIN SELECT RAISE(ABORT, 'dataset_versions never replaces a row'); END;
CREATE TRIGGER dataset_versions_update BEFORE UPDATE ON dataset_versions BEGIN SELECT RAISE(ABORT, 'dataset_versions is append-only'); END;
CREATE TRIGGER decision_events_delete BEFORE DELETE ON decision_events BEGIN SELECT RAISE(ABORT, 'decision_events is append-only'); END;
CREATE TRIGGER decision_events_insert BEFORE INSERT ON decision_events WHEN new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM decision_events) BEGIN SELECT RAISE(ABORT, 'decision_events is numbered in order'); END;
CREATE TRIGGER decision_events_update BEFORE UPDATE ON decision_events BEGIN SELECT RAISE(ABORT, 'decision_events is append-only'); END;
CREATE TRIGGER decisions_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
CREATE TRIGGER decisions_insert BEFORE INSERT ON decisions WHEN EXISTS (SELECT 1 FROM decisions WHERE id = new.id) BEGIN SELECT RAISE(ABORT, 'decisions never replaces a row'); END;
CREATE TRIGGER decisions_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
CREATE TRIGGER experiment_events_delete BEFORE DELETE ON experiment_events BEGIN SELECT RAISE(ABORT, 'experiment_events is append-only'); END;
CREATE TRIGGER experiment_events_insert BEFORE INSERT ON experiment_events WHEN new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM experiment_events) BEGIN SELECT RAISE(ABORT, 'experiment_events is numbered in order'); END;
CREATE TRIGGER experiment_events_update BEFORE UPDATE ON experiment_events BEGIN SELECT RAISE(ABORT, 'experiment_events is append-only'); END;
CREATE TRIGGER experiments_delete BEFORE DELETE ON experiments BEGIN SELECT RAISE(ABORT, 'experiments is append-only'); END;
CREATE TRIGGER experiments_insert BEFORE INSERT ON experiments WHEN EXISTS (SELECT 1 FROM experiments WHERE id = new.id) BEGIN SELECT RAISE(ABORT, 'experiments never replaces a row'); END;
CREATE TRIGGER experiments_update BEFORE UPDATE ON experiments BEGIN SELECT RAISE(ABORT, 'experiments is append-only'); END;
CREATE TRIGGER model_events_delete BEFORE DELETE ON model_events BEGIN SELECT RAISE(ABORT, 'model_events is append-only'); END;
CREATE TRIGGER model_events_insert BEFORE INSERT ON model_events WHEN new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM model_events) BEGIN SELECT RAISE(ABORT, 'model_events is numbered in order'); END;
CREATE TRIGGER model_events_update BEFORE UPDATE ON model_events BEGIN SELECT RAISE(ABORT, 'model_events is append-only'); END;
CREATE TRIGGER model_versions_delete BEFORE DELETE ON model_versions BEGIN SELECT RAISE(ABORT, 'model_versions is append-only'); END;
CREATE TRIGGER model_versions_insert BEFORE INSERT ON model_versions WHEN EXISTS (SELECT 1 FROM model_versions WHERE id = new.id) BEGIN SELECT RAISE(ABORT, 'model_versions never replaces a row'); END;
CREATE TRIGGER model_versions_update BEFORE UPDATE ON model_versions BEGIN SELECT RAISE(ABORT, 'model_versions is append-only'); END;
CREATE TRIGGER run_events_delete BEFORE DELETE ON run_events BEGIN SELECT RAISE(ABORT, 'run_events is append-only'); END;
CREATE TRIGGER run_events_insert BEFORE INSERT ON run_events WHEN new.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM run_events) BEGIN SELECT RAISE(ABORT, 'run_events is numbered in order'); END;
CREATE TRIGGER run_events_update BEFORE UPDATE ON run_events BEGIN SELECT RAISE(ABORT, 'run_events is append-only'); END;
CREATE TRIGGER runs_delete BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'runs is append-only'); END;
CREATE TRIGGER runs_insert BEFORE INSERT ON runs WHEN EXISTS (SELECT 1 FROM runs WHERE id = new.id) BEGIN SELECT RAISE(ABORT, 'runs never replaces a row'); END;
CREATE TRIGGER runs_update BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'runs is append-only'); END;
CREATE VIRTUAL TABLE search USING fts5 (kind UNINDEXED, record UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search VALUES ('decision', 'triage-2026', 'Support triage triage-2026');
INSERT INTO search VALUES ('decision', 'triage-2026', 'cheaper to keep');
INSERT INTO search VALUES ('decision', 'triage-2026', 'ask legal');
INSERT INTO search VALUES ('dataset', 'triage@1', 'triage triage@1');
INSERT INTO search VALUES ('dataset', 'triage@2', 'triage triage@2');
INSERT INTO search VALUES ('experiment', 'e-1', 'Arms e-1');
INSERT INTO search VALUES ('run', 'r-1', 'finetune r-1');
INSERT INTO search VALUES ('model', 'triage@1', 'triage triage@1');
INSERT INTO search VALUES ('model', 'triage@1', 'first');
COMMIT;
