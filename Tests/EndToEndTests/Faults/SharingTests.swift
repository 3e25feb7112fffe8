import Foundation
import Synchronization
import Tensors
import Testing

@Suite("Two writers and eight readers of one store")
struct SharingTests {
    /// What readers must find: for each content its feature.
    private struct Truth: Sendable {
        let features: [String: [Float]]

        init(_ store: String, _ program: Program) throws {
            try Scenario.run(["export", "--store", store, "-o", "truth.npy"], program)
            features = try Dictionary(
                Self.rows(program, "truth").map { ($0.content, $0.feature) }, uniquingKeysWith: { first, _ in first })
        }

        /// Reads what `export` wrote: the array and the table.
        static func rows(_ program: Program, _ name: String) throws -> [(content: String, feature: [Float])] {
            let array = try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: program.path("\(name).npy"))))
            let lines = try String(contentsOfFile: program.path("\(name).csv"), encoding: .utf8)
                .split(whereSeparator: \.isNewline).dropFirst()
            try #require(lines.count == array.shape[0])
            return lines.enumerated().map { row, line in
                let range = row * array.shape[1]..<(row + 1) * array.shape[1]
                return (String(line.split(separator: ",")[1]), Array(array.elements[range]))
            }
        }
    }

    /// Moves pictures between `all/` and `photos/`, so that each build has something to do.
    private static func change(_ program: Program, _ generator: inout SeededGenerator) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: program.path("all")).sorted() {
            let (from, to) = (program.path("all/\(name)"), program.path("photos/class-0/\(name)"))
            switch (FileManager.default.fileExists(atPath: to), generator.index(below: 8)) {
            case (false, 0...2): try FileManager.default.linkItem(atPath: from, toPath: to)
            case (true, 0): try FileManager.default.removeItem(atPath: to)
            default: break
            }
        }
    }

    @Test("Readers see no error and no wrong row; the second writer is refused at once and told by whom")
    func sharing() throws {
        let world = try SampleWorld(classes: 1, perClass: 300)
        let program = world.program
        defer { program.clean() }
        try Scenario.run(Scenario.build, program)
        let truth = try Truth(Scenario.store, program)
        try FileManager.default.removeItem(atPath: program.path(Scenario.store))
        try FileManager.default.moveItem(atPath: program.path("photos/class-0"), toPath: program.path("all"))
        try FileManager.default.createDirectory(
            atPath: program.path("photos/class-0"), withIntermediateDirectories: true)
        for name in ["0.bmp", "1.bmp", "2.bmp"] {
            try FileManager.default.linkItem(
                atPath: program.path("all/\(name)"), toPath: program.path("photos/class-0/\(name)"))
        }
        try Scenario.run(Scenario.build, program)

        let generator = Mutex(SeededGenerator(seed: 11))
        let work = SideBySide(
            for: .seconds(LongForm.isOn ? 60 : 4), least: ["read": 16, "refused at once": 1])
        work.run(workers: 9) { worker in
            guard worker == 0 else {
                try read(program, worker, truth)
                return "read"
            }
            try generator.withLock { try Self.change(program, &$0) }
            return try write(program)
        }
        #expect(work.problems == [])
        LongForm.tell("sharing: \(work.done("read")) reads, \(work.done("refused at once")) writers refused at once")
    }

    struct Problem: Error, CustomStringConvertible { let description: String }

    private func read(_ program: Program, _ worker: Int, _ truth: Truth) throws {
        let command =
            switch worker % 3 {
            case 0: ["inspect", "--json"]
            case 1: ["query", "all/0.bmp", "-k", "1", "--head", "none", "--json"]
            default: ["export", "-o", "reader-\(worker).npy"]
            }
        let outcome = try program.run(
            command + ["--store", Scenario.store], environment: [:])
        guard outcome.status == 0 else { throw Problem(description: "\(command): \(outcome.messages)") }
        guard command[0] == "export" else { return }
        for (content, feature) in try Truth.rows(program, "reader-\(worker)") where truth.features[content] != feature {
            throw Problem(description: "export: the row of \(content) is wrong")
        }
    }

    /// Builds with two writers at the same time. That the second is refused at once shows in the first, which is still writing
    /// when the second has ended.
    private func write(_ program: Program) throws -> String {
        let first = try program.start(
            ["build", "photos", "--weights", "net.safetensors", "--batch-size", "1", "--store", Scenario.store],
            environment: [:])
        first.standardOutput = FileHandle.nullDevice
        let messages = program.path("first-writer.txt")
        try Data().write(to: URL(fileURLWithPath: messages))
        first.standardError = FileHandle(forWritingAtPath: messages)
        try first.run()
        let second = try program.run(Scenario.build, environment: [:])
        let isAtOnce = first.isRunning
        first.waitUntilExit()
        let told = try String(contentsOfFile: messages, encoding: .utf8)
        // Either may be the first to get the store; or the one is done when the other comes.
        for (status, text) in [(second.status, second.messages), (first.terminationStatus, told)] where status != 0 {
            guard status == 2, text.contains("is being written by ") else {
                throw Problem(description: "a writer failed: \(text)")
            }
        }
        guard second.status == 0 || first.terminationStatus == 0 else {
            throw Problem(description: "both writers were refused: \(told) \(second.messages)")
        }
        guard second.status == 2 else { return "written" }
        guard second.messages.contains("process \(first.processIdentifier) on ") else {
            throw Problem(description: "not the holder: \(second.messages)")
        }
        return isAtOnce ? "refused at once" : "written"
    }
}
