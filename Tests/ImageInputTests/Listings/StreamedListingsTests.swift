import Foundation
import Tensors
import Testing

@testable import ImageInput

@Suite("Pictures from a stream")
struct StreamedListingsTests {
    private func listings(
        _ text: String, allowsOutside: Bool = false, limits: StreamedListings.Limits = .init()
    ) throws -> [PictureListing] {
        let file = NSTemporaryDirectory() + "stream-" + UUID().uuidString
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let handle = try #require(FileHandle(forReadingAtPath: file))
        var stream = try StreamedListings(handle, allowsOutside: allowsOutside, limits: limits)
        var found: [PictureListing] = []
        while let next = try stream.next() { found.append(next) }
        return found
    }

    private var here: String { FileManager.default.currentDirectoryPath }

    @Test("are paths, one a line or with a NUL behind each", arguments: ["\n", "\r\n", "\0"])
    func paths(separator: String) throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
        let text = ["\(folder)/a b.jpg", "Package.swift", "\(folder)/c.jpg"].joined(separator: separator)
        for end in ["", separator] {
            let found = try listings(text + end)
            #expect(found.count == 1 && found[0].refused.isEmpty && !found[0].isFolder)
            #expect(found[0].pictures.map(\.path) == ["\(folder)/a b.jpg", "\(here)/Package.swift", "\(folder)/c.jpg"])
            #expect(found[0].root == here)
        }
    }

    @Test("come with their bytes, in several listings where they are many")
    func bytes() throws {
        let lines = (0..<10).map { number in
            let bytes = Data(repeating: UInt8(number), count: 100).base64EncodedString()
            return
                #"{"path": "x.parquet/\#(number).jpg", "label": "c\#(number % 2)", "split": "test", "bytes": "\#(bytes)"}"#
        }
        let bad = [
            #"{"path": "x/bad.jpg", "bytes": "***"}"#, #"{"path": "x/none.jpg", "error": "has no bytes"}"#,
            #"{"path": "../up.jpg", "bytes": "AAAA"}"#, "no object", #"{"bytes": "AAAA"}"#,
        ]
        let found = try listings((lines + bad).joined(separator: "\n"), limits: .init(bytes: 300, line: 1 << 20))
        #expect(found.map(\.pictures.count) == [3, 3, 3, 1])
        let pictures = found.flatMap(\.pictures)
        #expect(pictures.map(\.path) == (0..<10).map { "\(here)/x.parquet/\($0).jpg" })
        #expect(pictures.map(\.bytes) == (0..<10).map { Data(repeating: UInt8($0), count: 100) })
        #expect(pictures[3].label == "c1" && pictures[3].split == "test")
        let reasons = found.flatMap(\.refused).map { "\($0.path.split(separator: " ").last ?? "") \($0.reason)" }
        #expect(
            reasons == [
                "11 has bytes that are not base64", "12 x/none.jpg: has no bytes",
                "13 ../up.jpg: has '..' in the name of a picture that is no file", "14 is no JSON object",
                "15 has no path",
            ])
    }

    @Test("may lead out of the folder as paths that were typed, as objects only where that is allowed")
    func outside() throws {
        #expect(try listings("../a.jpg\n")[0].pictures.count == 1)
        #expect(try listings(#"{"path": "../a.jpg"}"#)[0].refused.count == 1)
        #expect(try listings(#"{"path": "../a.jpg"}"#, allowsOutside: true)[0].pictures.count == 1)
    }

    @Test("are none where nothing comes, and an error where a line is no text or has no end")
    func nothing() throws {
        #expect(try listings("").isEmpty && listings("\n\n").isEmpty)
        #expect(throws: InputError.self) {
            try listings(String(repeating: "a", count: 3 << 20), limits: .init(bytes: 1 << 20, line: 1 << 20))
        }
    }
}
