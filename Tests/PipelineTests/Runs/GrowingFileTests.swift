import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("A file that grows")
struct GrowingFileTests {
    @Test("is made, and keeps what it had")
    func growth() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let path = folder.path("log")
        for number in 0..<3 { try GrowingFile.append(Data("\(number)\n".utf8), to: path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "0\n1\n2\n")
    }

    @Test("is named where it cannot be written, with the reason")
    func refused() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let full = #expect(throws: InputError.self) { try GrowingFile.append(Data(count: 10), to: "/dev/full") }
        #expect(full?.object == "/dev/full" && full?.fact == "cannot be written: No space left on device")
        let missing = #expect(throws: InputError.self) {
            try GrowingFile.append(Data(count: 10), to: folder.path("none/log"))
        }
        #expect(missing?.fact == "cannot be opened: No such file or directory")
    }
}
