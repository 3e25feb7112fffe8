import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("A run's journal")
struct RunJournalTests {
    private struct Record: Codable, Equatable {
        let epoch: Int
        let loss: Double
    }

    @Test("keeps records in order, one line each, and can be cut back")
    func records() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let journal = RunJournal<Record>(path: folder.path("metrics.jsonl"))
        #expect(try journal.records().isEmpty)
        let records = (0..<5).map { Record(epoch: $0, loss: Double($0) / 3) }
        for record in records { try journal.append(record) }
        #expect(try journal.records() == records)
        let text = try String(contentsOfFile: folder.path("metrics.jsonl"), encoding: .utf8)
        #expect(text.split(separator: "\n").count == 5 && text.hasPrefix("{\"epoch\":0,"))
        try journal.truncate(to: 2)
        #expect(try journal.records() == Array(records[..<2]))
        try journal.truncate(to: 7)
        #expect(try journal.records().count == 2)
    }

    @Test("does not look at a line that was cut off, and writes over it; a whole one that is none is named")
    func damage() throws {
        let folder = try TemporaryFolder()
        defer { folder.clean() }
        let path = folder.path("metrics.jsonl")
        let journal = RunJournal<Record>(path: path)
        try Data("{\"epoch\":0,\"loss\":1}\n{\"epoch\":1,\"lo".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try journal.records() == [Record(epoch: 0, loss: 1)])
        try journal.append(Record(epoch: 1, loss: 2))
        #expect(try journal.records().map(\.epoch) == [0, 1])
        try Data("{\"epoch\":0,\"loss\":1}\nnonsense\n".utf8).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: InputError.self) { try journal.records() }
        #expect(error?.object.contains("line 2") == true)
    }
}
