import Foundation
import Testing

/// A scenario set up: its state before the command, kept to begin from again and again, and what an uninterrupted run gives.
struct Stage {
    let scenario: Scenario
    let program: Program
    /// The calls that the uninterrupted command makes, as the fault library reports them: a name and a path below `state/`.
    private(set) var calls: [String] = []
    /// How long the uninterrupted command takes.
    private(set) var duration: Duration = .zero
    private var expected: [String: Data] = [:]
    private var expectedFiles: [String] = []

    /// Sets up `scenario` with `size` pictures in a folder of its own.
    init(_ scenario: Scenario, size: Int) throws {
        self.scenario = scenario
        let world = try scenario.world(size)
        program = world.program
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        try scenario.prepare(world)
        try FileManager.default.copyItem(atPath: state, toPath: program.path("before"))
        if FaultLibrary.isAvailable {
            try succeed(FaultLibrary.environment(watching: state, report: report))
            calls = try String(contentsOfFile: report, encoding: .utf8).split(separator: "\n")
                .map { String($0).replacing(state, with: "").replacing(/\.\d+\.tmp/, with: ".tmp") }
            try reset()
        }
        let before = scenario.keepsResults ? try scenario.results(program) : nil
        duration = try ContinuousClock().measure { try succeed([:]) }
        expected = try scenario.results(program)
        try #require(before == nil || before == expected, "the command changes what it should keep")
        expectedFiles = try files()
        try requireClean("after an uninterrupted run")
    }

    private func succeed(_ environment: [String: String]) throws {
        let outcome = try program.run(scenario.command, environment: environment)
        try #require(isDone(outcome), "\(scenario.command): \(outcome.messages)")
    }

    /// Whether the command did its work.
    func isDone(_ outcome: Program.Outcome) -> Bool {
        outcome.reason == .exit && scenario.statuses.contains(outcome.status)
    }

    /// The folder that the command changes, as the program sees it.
    var state: String { program.folder.resolvingSymlinksInPath().path + "/state" }

    private var report: String { program.path("calls.txt") }

    /// Brings the state before the command back.
    func reset() throws {
        try FileManager.default.removeItem(atPath: state)
        try FileManager.default.copyItem(atPath: program.path("before"), toPath: state)
    }

    /// Runs the command on the state before it, with a fault.
    func run(_ fault: Fault) throws -> Program.Outcome {
        try reset()
        return try program.run(
            scenario.command, environment: FaultLibrary.environment(watching: state, fault: fault))
    }

    /// Finishes what was interrupted, and records an issue where anything is not as after an uninterrupted run.
    func finish(_ context: String) throws {
        for command in scenario.finish ?? [scenario.command] {
            let outcome = try program.run(command, environment: [:])
            guard isDone(outcome) else {
                Issue.record("\(context): going on failed: \(outcome.messages)")
                return
            }
        }
        try expectResults(context)
        let files = try files()
        #expect(
            files == expectedFiles,
            "\(context): other files than after an uninterrupted run: \(files.difference(from: expectedFiles))")
        try requireClean(context)
    }

    /// Records an issue where the results are not those of an uninterrupted run.
    func expectResults(_ context: String) throws {
        let results = try scenario.results(program)
        for (name, data) in expected where results[name] != data {
            Issue.record("\(context): \(name) is not that of an uninterrupted run")
        }
    }

    /// Records an issue where `verify` finds anything, even if it is only work that an interrupted writer left.
    private func requireClean(_ context: String) throws {
        for store in scenario.stores {
            let outcome = try program.run("verify", "--full", "--store", store)
            #expect(
                outcome.status == 0 && outcome.messages.isEmpty,
                "\(context): verify \(store): \(outcome.output) \(outcome.messages)")
        }
    }

    /// The paths below `state/`, sorted, without the numbers of segments. A rollback journal may be left that has no header
    /// yet: SQLite takes no notice of it and overwrites it in the next commit.
    private func files() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: state).filter { !$0.hasSuffix("index.sqlite-journal") }
            .map { $0.replacing(/\d+\.seg$/, with: "N.seg") }.sorted()
    }
}

extension Program.Outcome {
    /// Records an issue unless the command failed as it should: by itself, with one line that says why.
    func expectClearError(_ context: String) {
        #expect(reason == .exit, "\(context): ended by signal \(status): \(messages)")
        let lines = messages.split(whereSeparator: \.isNewline)
        let errors = lines.filter { $0.hasPrefix("error: ") }
        #expect(errors.count == 1, "\(context): \(messages)")
        #expect(!messages.contains("Fatal error"), "\(context): \(messages)")
        // Foundation's words, which do not say why.
        #expect(!messages.contains("Domain error"), "\(context): \(messages)")
    }
}
