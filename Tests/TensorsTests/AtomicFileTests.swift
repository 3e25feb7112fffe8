import Foundation
import Tensors
import Testing

@Suite("AtomicFile and MappedFile")
struct AtomicFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("atomic-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("A file is replaced whole, and nothing else is left beside it")
    func replaced() throws {
        try withFolder { folder in
            let path = folder + "/f"
            try AtomicFile.write(Data("old".utf8), to: path)
            try AtomicFile.write(Data("new one".utf8), to: path)
            #expect(FileManager.default.contents(atPath: path) == Data("new one".utf8))
            try #expect(FileManager.default.contentsOfDirectory(atPath: folder) == ["f"])
        }
    }

    @Test("A writer that fails half-way leaves the old file and no other")
    func failed() throws {
        try withFolder { folder in
            let path = folder + "/f"
            try AtomicFile.write(Data("old".utf8), to: path)
            #expect(throws: InputError.self) {
                try AtomicFile.write(to: path) { handle in
                    try handle.write(contentsOf: Data("half".utf8))
                    throw InputError("test", "fails")
                }
            }
            #expect(FileManager.default.contents(atPath: path) == Data("old".utf8))
            try #expect(FileManager.default.contentsOfDirectory(atPath: folder) == ["f"])
        }
    }

    @Test("What is not a regular file is not replaced")
    func special() throws {
        try withFolder { folder in
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            #expect(throws: InputError.self) { try AtomicFile.write(Data(), to: pipe) }
            #expect(throws: InputError.self) { try AtomicFile.write(Data(), to: folder) }
            try #expect(FileManager.default.contentsOfDirectory(atPath: folder) == ["pipe"])
        }
    }

    @Test("A folder that is not there is an error that names the path")
    func noFolder() {
        let error = #expect(throws: InputError.self) { try AtomicFile.write(Data(), to: "/nowhere/at/all") }
        #expect(error?.object == "/nowhere/at/all")
    }

    @Test("A mapped file has the file's bytes; an empty file and a folder are told apart")
    func mapped() throws {
        try HostileInput.withFile(Data("bytes".utf8)) { path in
            try #expect(MappedFile(path: path).withUnsafeBytes { Array($0) } == Array("bytes".utf8))
        }
        try HostileInput.withFile(Data()) { path in try #expect(MappedFile(path: path).count == 0) }
        #expect(throws: InputError.self) { try MappedFile(path: "/") }
        #expect(throws: InputError.self) { try MappedFile(path: "/nowhere/at/all") }
    }
}
