import Foundation
import Tensors
import Testing

@Suite("AtomicFolder")
struct AtomicFolderTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("atomic-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private func fill(_ folder: String, _ names: String...) throws {
        for name in names { try AtomicFile.write(Data(name.utf8), to: "\(folder)/\(name)") }
    }

    @Test("A new folder appears with all that is in it, and nothing is left beside it")
    func new() throws {
        try withFolder { folder in
            try AtomicFolder.write(folder + "/f") { place in
                try #expect(names(folder) == [".f.new"])
                try fill(place, "a", "b")
            }
            try #expect(names(folder) == ["f"])
            try #expect(names(folder + "/f") == ["a", "b"])
        }
    }

    @Test("A folder is replaced whole; so is an empty one")
    func replaced() throws {
        try withFolder { folder in
            let path = folder + "/f"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try AtomicFolder.write(path) { try fill($0, "a", "b") }
            try AtomicFolder.write(path) { place in
                try fill(place, "b", "c")
                try #expect(names(path) == ["a", "b"])
            }
            try #expect(names(path) == ["b", "c"])
            try #expect(names(folder) == ["f"])
        }
    }

    @Test("A producer that fails leaves the old folder, or none, and nothing else")
    func failed() throws {
        try withFolder { folder in
            for expected in [[], ["f"]] {
                let error = #expect(throws: InputError.self) {
                    try AtomicFolder.write(folder + "/f") { place in
                        try fill(place, "half")
                        throw InputError("test", "fails")
                    }
                }
                #expect(error?.object == "test")
                try #expect(names(folder) == expected)
                if expected.isEmpty { try AtomicFolder.write(folder + "/f") { try fill($0, "a") } }
            }
            try #expect(names(folder + "/f") == ["a"])
        }
    }

    @Test("What a killed process left is cleaned away and does not come into the new folder")
    func leftover() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/.f.new/x", withIntermediateDirectories: true)
            try fill(folder + "/.f.new", "old")
            try AtomicFolder.write(folder + "/f") { place in
                try #expect(names(place).isEmpty)
                try fill(place, "a")
            }
            try #expect(names(folder) == ["f"])
            try #expect(names(folder + "/f") == ["a"])
        }
    }

    @Test("A file in the way stays, and a parent that is not there is an error")
    func inTheWay() throws {
        try withFolder { folder in
            try fill(folder, "f")
            let error = #expect(throws: InputError.self) { try AtomicFolder.write(folder + "/f") { try fill($0, "a") } }
            #expect(error?.object == folder + "/f")
            try #expect(names(folder) == ["f"])
            #expect(FileManager.default.contents(atPath: folder + "/f") == Data("f".utf8))
            let missing = #expect(throws: InputError.self) { try AtomicFolder.write(folder + "/none/f") { _ in } }
            #expect(missing?.object == folder + "/none/f")
        }
    }

    @Test("A copy has the file's bytes; one that cannot be made leaves what is there")
    func copy() throws {
        try withFolder { folder in
            let bytes = Data((0..<9_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            try AtomicFile.write(bytes, to: folder + "/a")
            try AtomicFile.copy(folder + "/a", to: folder + "/b")
            #expect(FileManager.default.contents(atPath: folder + "/b") == bytes)
            #expect(throws: InputError.self) { try AtomicFile.copy(folder + "/none", to: folder + "/b") }
            #expect(throws: InputError.self) { try AtomicFile.copy(folder + "/a", to: folder + "/no/b") }
            #expect(FileManager.default.contents(atPath: folder + "/b") == bytes)
            try #expect(names(folder) == ["a", "b"])
        }
    }
}
