BEGIN TRANSACTION;
CREATE TABLE articles (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL UNIQUE, root TEXT NOT NULL,
    title TEXT NOT NULL, author TEXT NOT NULL, date TEXT NOT NULL,
    hash TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, details TEXT NOT NULL
);
INSERT INTO "articles" VALUES(1,'b73efbe935594841','old/a.md','','长城','王小明','2019-02-25','1cc4fea9bb37b4ae5a7f440e27990ab107e3d621d1dcfd5e2fc66dceeb56e259',317,0,'{"tags": [], "categories": [], "link": "", "extra": {}, "headings": [], "pages": [], "notes": []}');
INSERT INTO "articles" VALUES(2,'dc4be6332e8676b5','old/b.md','','b','','','2e4a5c290788c3fb65aef0eddf42315bb2ceb44423be225897007687e34a9829',202,0,'{"tags": [], "categories": [], "link": "", "extra": {}, "headings": [], "pages": [], "notes": []}');
CREATE TABLE embedded (
    passage INTEGER PRIMARY KEY REFERENCES passages ON DELETE CASCADE,
    vector BLOB NOT NULL, terms BLOB NOT NULL
);
INSERT INTO "embedded" VALUES(1,X'9E309E349E38EE36EE369E349E309E34',X'78014D8E310A80400C047B5FB14F38FCA15C25A88DA88D708D829595850AE2678C72BF702329845B96CD91D9C4E69450418AEE6E375CFBCE87278C31AB21B347EA9CC3B50E527A33D91630D192D89CB06DE83AF3174325FD048AD81F5AF1CA86C2AD8A16FD014A3F7EC5ECD41A7C75B3BFFB1C944EED1ABB217901A62074CC');
INSERT INTO "embedded" VALUES(2,X'00005535553955355535553500005535',X'78017BB9BBE5D9A6CD0A4F5B973EDBBA1D4A3DDBDAA800E40129AE97BB5B14A0F22021206E54008A81848018A80BA613AA3E892B09008062328E');
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('dim','8');
INSERT INTO "meta" VALUES('fingerprint','{"chunk.maximum": "60", "chunk.minimum": "5", "chunk.target": "40", "chunk.version": "2", "embedder.dim": "8", "embedder.kind": "fake", "embedder.weights": "1", "recipe.version": "1", "words.version": "3"}');
INSERT INTO "meta" VALUES('model','fake');
INSERT INTO "meta" VALUES('schema','1');
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, headings TEXT NOT NULL, text_hash BLOB NOT NULL
);
INSERT INTO "passages" VALUES(1,1,0,20,'[]',X'336AED32592BD359072E828B12F7EEFD');
INSERT INTO "passages" VALUES(2,2,0,6,'[]',X'314C5B78676AC66602DDE760D5BF8A1A');
CREATE TABLE removed (passage INTEGER PRIMARY KEY, revision INTEGER NOT NULL);
CREATE TABLE revisions (number INTEGER PRIMARY KEY, stamp TEXT NOT NULL, last_passage INTEGER NOT NULL);
INSERT INTO "revisions" VALUES(0,'7a6ae6360cbfbbd0',0);
INSERT INTO "revisions" VALUES(1,'fa85742171bf3bf3',2);
CREATE TABLE texts (article INTEGER PRIMARY KEY REFERENCES articles ON DELETE CASCADE, text TEXT NOT NULL);
INSERT INTO "texts" VALUES(1,'长城在北方，人人都知道。

它有两千年。');
INSERT INTO "texts" VALUES(2,'黄河入海流。');
CREATE INDEX passages_of_article ON passages (article);
CREATE INDEX passages_of_text ON passages (text_hash);
CREATE INDEX removed_in_revision ON removed (revision);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('passages',2);
COMMIT;
