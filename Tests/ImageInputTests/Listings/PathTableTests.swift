import Foundation
import Tensors
import Testing

@testable import ImageInput

@Suite("A file that lists pictures")
struct PathTableTests {
    private func rows(_ name: String, _ text: String) throws -> [PathTable.Row] { try rows(name, Data(text.utf8)) }

    private func rows(_ name: String, _ data: Data) throws -> [PathTable.Row] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tables-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent(name)
        try data.write(to: file)
        return try PathTable(path: file.path).rows
    }

    @Test("is one path a line", arguments: [false, true])
    func lines(hasCarriageReturns: Bool) throws {
        let end = hasCarriageReturns ? "\r\n" : "\n"
        let rows = try rows("list.txt", ["a, b.jpg", "", "c/d \"e\".jpg"].joined(separator: end))
        #expect(rows.map(\.path) == ["a, b.jpg", "c/d \"e\".jpg"])
        #expect(rows.map(\.number) == [1, 3])
    }

    @Test("or a table without a header, as Finetuner's")
    func bare() throws {
        let rows = try rows("list.csv", "a.jpg,cat\n\"b, \"\"c\"\".jpg\",dog\r\n")
        #expect(rows.map(\.path) == ["a.jpg", "b, \"c\".jpg"])
        #expect(rows.map(\.splits) == [[], []])
        #expect(rows.map(\.label) == ["cat", "dog"])
    }

    @Test("or a JSON object a line, as Hugging Face's metadata")
    func objects() throws {
        let id = String(repeating: "ab", count: 32)
        let rows = try rows(
            "metadata.jsonl",
            """
            {"file_name": "a.jpg", "label": "cat", "split": "train", "box": [1, 2]}

            {"image": "b.jpg", "label": 7, "is_query": true, "id": "\(id)"}
            {"path": "c.jpg", "label": null}
            """)
        #expect(rows.map(\.path) == ["a.jpg", "b.jpg", "c.jpg"] && rows.map(\.number) == [1, 3, 4])
        #expect(rows.map(\.label) == ["cat", "7", nil])
        #expect(rows.map(\.splits) == [["train"], ["query"], []])
        #expect(rows.map { $0.id?.hex } == [nil, id, nil])
    }

    @Test("and says which rows name no picture")
    func faults() throws {
        func faults(_ name: String, _ text: String) throws -> [String] {
            let folder = NSTemporaryDirectory() + "faults-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            return try PathTable(path: "\(folder)/\(name)").faults.map { "\($0.number): \($0.fact)" }
        }
        #expect(try faults("l.csv", "path,label\na.jpg,x\n,cat\n,\nb.jpg,\n") == ["3: has no path"])
        #expect(
            try faults("l.jsonl", "{\"path\": \"a\"}\n[1]\n{\"label\": \"x\"}\nnonsense\n") == [
                "2: is no JSON object", "3: has no path", "4: is no JSON object",
            ])
        let wrong = String(repeating: "z", count: 64)
        #expect(try faults("l.csv", "path,id\na.jpg,\(wrong)\n") == ["2: has no SHA-256 as its id"])
    }

    @Test("or one with a header, whatever the order of its columns", arguments: ["path", "file_name", "uri", "Image"])
    func header(name: String) throws {
        let rows = try rows("list.csv", "\u{FEFF}label,\(name),split\ncat,a.jpg,train\ndog,b.jpg,\n,c.jpg\n")
        #expect(rows.map(\.path) == ["a.jpg", "b.jpg", "c.jpg"])
        #expect(rows.map(\.splits) == [["train"], [], []])
        #expect(rows.map(\.number) == [2, 3, 4])
    }

    @Test("with tabs, and OML's columns")
    func queries() throws {
        let rows = try rows(
            "list.tsv", "path\tsplit\tis_query\tis_gallery\na.jpg\tvalidation\tTrue\tFalse\nb.jpg\tvalidation\t1\t1\n")
        #expect(rows.map(\.splits) == [["validation", "query"], ["validation", "query", "gallery"]])
    }

    @Test("is nothing where it is empty", arguments: ["list.txt", "list.csv"])
    func empty(name: String) throws { #expect(try rows(name, "").isEmpty) }

    @Test("of any bytes is read or refused")
    func hostile() throws {
        #expect(throws: InputError.self) { _ = try rows("list.csv", Data([0xFF, 0xFE, 0, 1])) }
        #expect(throws: InputError.self) { _ = try rows("list.csv", "a.jpg,\"b\"c\n") }
        #expect(throws: InputError.self) { _ = try PathTable(path: "/nowhere/list.csv") }
        var generator = SeededGenerator(seed: 3)
        let letters = Array("a,\"\n\r\tp=é".unicodeScalars)
        for _ in 0..<300 {
            let text = String(
                String.UnicodeScalarView((0..<40).map { _ in letters[generator.index(below: letters.count)] }))
            do { _ = try rows("list.csv", text) } catch is InputError {}
        }
    }
}
