import Foundation
import Testing

@Suite("The journal of a run that ended early")
struct RunJournalPathTests {
    private static let train = ["train-head", "--output-dim", "8", "--keep-trained", "--patience", "1000000"]

    private func epochs(_ run: String, _ world: SampleWorld) throws -> [Int] {
        struct Record: Decodable { let epoch: Int }
        let path = world.program.path("features.fcstore/runs/\(run)/metrics.jsonl")
        return try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .dropLast().map { try JSONDecoder().decode(Record.self, from: Data($0.utf8)).epoch }
    }

    @Test("has every epoch once where the run was killed before its first checkpoint and is gone on with")
    func killed() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        let command = Self.train + ["--epochs", "60", "--name", "cut"]
        let process = try world.program.start(command)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, (try? epochs("cut", world).count) ?? 0 < 3 { usleep(200) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try #require(process.terminationReason == .uncaughtSignal, "60 epochs were faster than the test")
        let resumed = try world.program.run(command + ["--resume"])
        #expect(resumed.status == 0, "\(resumed.messages)")
        #expect(try epochs("cut", world) == Array(0...60))
    }

    @Test("has whole lines where there was no room for half of one")
    func limited() throws {
        let world = try SampleWorld()
        defer { world.program.clean() }
        #expect(try world.build().status == 0)
        // Files may have 8 KiB here, which is less than these epochs take.
        let outcome = try world.program.run(
            Self.train + ["--epochs", "1000", "--name", "cut"],
            under: ["/bin/bash", "-c", #"trap "" XFSZ; ulimit -f 8; exec "$0" "$@""#])
        #expect(
            outcome.status == 2 && outcome.messages.contains("metrics.jsonl: cannot be written"), "\(outcome.messages)")
        let file = URL(fileURLWithPath: world.program.path("features.fcstore/runs/cut/metrics.jsonl"))
        #expect(try Data(contentsOf: file).last == UInt8(ascii: "\n"))
        let epochs = try epochs("cut", world)
        #expect(epochs.count > 2 && epochs == Array(0..<epochs.count))
    }
}
