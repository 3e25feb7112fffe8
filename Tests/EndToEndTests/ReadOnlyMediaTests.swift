import Foundation
import Testing

@Suite("A store where nothing can be written")
struct ReadOnlyMediaTests {
    /// Runs everything that reads, and everything that writes, under `wrapper`.
    private func readsAndRefuses(_ world: SampleWorld, under wrapper: [String]) throws {
        let before = try world.files(below: "features.fcstore")
        for arguments in [
            ["inspect"], ["inspect", "--json"], ["query", "photos/class-1/2.bmp", "-k", "3"],
            ["evaluate", "--head", "none"], ["evaluate", "--head", "small"], ["export", "-o", "out/f.npy"],
            ["compare", "features.fcstore", "features.fcstore"],
        ] {
            let run = try world.program.run(arguments, under: wrapper)
            #expect(run.status == 0, "\(arguments): \(run.messages)")
        }
        for arguments in [
            ["build", "photos", "--weights", "net.safetensors"], ["remove", "photos/class-0"],
            ["train-head", "--output-dim", "8", "--epochs", "1"],
        ] {
            let run = try world.program.run(arguments, under: wrapper)
            #expect(run.status == 2, "\(arguments): \(run.messages)")
            let errors = run.messages.split(separator: "\n").filter { $0.hasPrefix("error: ") }
            #expect(errors.count == 1 && errors[0].contains("features.fcstore"), "\(arguments): \(run.messages)")
            #expect(run.output.isEmpty)
            #expect(run.messages.contains("write"), "\(arguments): \(run.messages)")
        }
        #expect(try world.files(below: "features.fcstore") == before)
    }

    /// A store with a head, a new picture that a build would add, and a folder that anybody may write to.
    private func world() throws -> SampleWorld {
        let world = try SampleWorld()
        #expect(try world.build().status == 0)
        let trained = try world.program.run(
            "train-head", "--output-dim", "8", "--epochs", "1", "--batch-size", "16", "--name", "small")
        #expect(trained.status == 0, "\(trained.messages)")
        var picture = try Data(contentsOf: URL(fileURLWithPath: world.program.path("photos/class-0/0.bmp")))
        picture[60] ^= 0xFF
        try picture.write(to: URL(fileURLWithPath: world.program.path("photos/class-0/new.bmp")))
        try FileManager.default.createDirectory(
            atPath: world.program.path("out"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o777])
        return world
    }

    @Test(
        "Mounted read-only it answers, and what would write says so and leaves no trace",
        .enabled(if: ReadOnlyPlace.canMount, "needs the right to make a mount namespace"))
    func readOnlyMount() throws {
        let world = try world()
        defer { world.program.clean() }
        try readsAndRefuses(world, under: ReadOnlyPlace.mount(world.program.path("features.fcstore")))
    }

    @Test(
        "Without write permission the same",
        .enabled(if: ReadOnlyPlace.canDropRights, "needs setpriv, and a program that nobody may run"))
    func noPermission() throws {
        let world = try world()
        let store = world.program.path("features.fcstore")
        defer {
            _ = ReadOnlyPlace.status(["/bin/chmod", "-R", "u+w", store])
            world.program.clean()
        }
        #expect(ReadOnlyPlace.status(["/bin/chmod", "-R", "a-w", store]) == 0)
        try readsAndRefuses(world, under: ReadOnlyPlace.unprivileged)
    }

    @Test(
        "Left in the middle of a commit it says so there, and is whole where it may be written",
        .enabled(if: ReadOnlyPlace.canMount, "needs the right to make a mount namespace"))
    func middleOfCommit() throws {
        let world = try world()
        defer { world.program.clean() }
        let whole = try world.program.run("inspect", "--json").output
        // Enough changes that SQLite writes pages to the database before the commit; then it dies.
        let script = """
            import os, signal, sqlite3
            index = sqlite3.connect("features.fcstore/index.sqlite", isolation_level=None)
            index.execute("PRAGMA cache_size = 10")
            index.execute("BEGIN IMMEDIATE")
            index.execute("UPDATE images SET size = size + 1")
            index.execute("UPDATE meta SET value = 'x'")
            rows = ((number, "x" * 200, 0) for number in range(100, 5000))
            index.executemany("INSERT INTO labels VALUES (?, ?, ?)", rows)
            os.kill(os.getpid(), signal.SIGKILL)
            """
        let folder = world.program.folder.path
        #expect(
            ReadOnlyPlace.status([
                "/usr/bin/env", "sh", "-c", #"cd "$0" && exec python3 -c "$1""#, folder, script,
            ]) == 9)
        #expect(FileManager.default.fileExists(atPath: world.program.path("features.fcstore/index.sqlite-journal")))
        let before = try world.files(below: "features.fcstore")
        let mount = ReadOnlyPlace.mount(world.program.path("features.fcstore"))
        for arguments in [["inspect"], ["export", "-o", "f.npy"], ["query", "photos/class-1/2.bmp"]] {
            let run = try world.program.run(arguments, under: mount)
            #expect(run.status == 2 && run.messages.contains("in the middle of a commit"), "\(run.messages)")
        }
        #expect(try world.files(below: "features.fcstore") == before)
        #expect(try world.program.run("inspect", "--json").json(as: Listed.self).pictures == 48)
        #expect(try whole.utf8.count > 0 && JSONDecoder().decode(Listed.self, from: Data(whole.utf8)).pictures == 48)
    }

    private struct Listed: Decodable { let pictures: Int }
}

extension SampleWorld {
    /// Every file and folder below a folder, with the files' bytes.
    func files(below folder: String) throws -> [String: Data?] {
        let path = program.path(folder)
        let names = try FileManager.default.subpathsOfDirectory(atPath: path)
        return Dictionary(
            uniqueKeysWithValues: names.map { ($0, FileManager.default.contents(atPath: path + "/" + $0)) })
    }
}
