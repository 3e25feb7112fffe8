import Foundation
import Tensors
import Testing

@Suite(
    "Disks that fail and power that goes",
    .enabled(if: FaultLibrary.isAvailable, "takes a C compiler, called cc, and a program that LD_PRELOAD reaches"))
struct FaultTests {
    /// The numbers of the calls to try: all of them in the long form; in the short form one of each of up to `limit` sorts, a
    /// sort being the same call on the same file.
    private static func moments(_ calls: [String], limit: Int, seed: UInt64) -> [Int] {
        guard !LongForm.isOn else { return Array(1...calls.count) }
        var generator = SeededGenerator(seed: seed)
        var sorts = Dictionary(grouping: calls.indices) { calls[$0] }.sorted { $0.key < $1.key }.map(\.value)
        generator.shuffle(&sorts)
        return sorts.prefix(limit).map { $0[generator.index(below: $0.count)] + 1 }
    }

    @Test(
        "At any call, any fault: a right result or a clear error, and the next run ends right", arguments: Scenario.all,
        Fault.Kind.allCases)
    func everyCall(scenario: Scenario, kind: Fault.Kind) throws {
        let stage = try Stage(scenario, size: 12)
        defer { stage.program.clean() }
        let seed = UInt64(Fault.Kind.allCases.firstIndex(of: kind) ?? 0)
        var tally = Tally()
        for call in Self.moments(stage.calls, limit: Self.sortsEach, seed: seed) {
            for seed in 1...(kind == .torn && LongForm.isOn ? Self.tornSeeds : 1) {
                tally.count(try trial(stage, Fault(kind: kind, moment: .call(call), seed: seed + call)))
            }
        }
        LongForm.tell("\(scenario.name), \(kind.rawValue), at \(stage.calls.count) calls: \(tally)")
    }

    /// The sorts of calls that the short form tries of each scenario and kind.
    private static let sortsEach = 3
    /// How many cuts the long form makes at each call.
    private static let tornSeeds = 2

    /// How trials ended.
    private struct Tally: CustomStringConvertible {
        private var (done, refused, ended) = (0, 0, 0)

        mutating func count(_ outcome: Outcome) {
            switch outcome {
            case .done: done += 1
            case .refused: refused += 1
            case .ended: ended += 1
            }
        }

        var description: String {
            "\(done + refused + ended) trials: \(done) right results, \(refused) clear errors, \(ended) ended"
        }
    }

    private enum Outcome { case done, refused, ended }

    @discardableResult
    private func trial(_ stage: Stage, _ fault: Fault) throws -> Outcome {
        let outcome = try stage.run(fault)
        let context = "\(stage.scenario.name): \(fault)"
        let end = try judge(outcome, of: fault, stage, context)
        try stage.finish(context)
        return end
    }

    private func judge(_ outcome: Program.Outcome, of fault: Fault, _ stage: Stage, _ context: String) throws -> Outcome
    {
        if !fault.kind.isSurvived, fault.moment != .exit {
            #expect(outcome.status == 137, "\(context): \(outcome.messages)")
            return .ended
        }
        guard stage.isDone(outcome) else {
            outcome.expectClearError(context)
            return .refused
        }
        try stage.expectResults(context)
        return .done
    }

    @Test("What was acknowledged survives a power cut right after", arguments: Scenario.all + [.newFolder])
    func acknowledged(scenario: Scenario) throws {
        let stage = try Stage(scenario, size: 12)
        defer { stage.program.clean() }
        let outcome = try stage.run(Fault(kind: .cut, moment: .exit))
        #expect(stage.isDone(outcome), "\(outcome.messages)")
        try stage.expectResults(scenario.name)
        try stage.finish(scenario.name)
    }

    @Test(
        "Torn segments are cut or known as damaged, whatever the cut left of them",
        arguments: [Scenario.newStore, .increment])
    func tornSegments(scenario: Scenario) throws {
        let stage = try Stage(scenario, size: 60)
        defer { stage.program.clean() }
        var tally = Tally()
        for call in stage.calls.indices where stage.calls[call].hasSuffix(".seg") {
            for seed in 1...(LongForm.isOn ? 100 : 4) {
                tally.count(try trial(stage, Fault(kind: .torn, moment: .call(call + 1), seed: seed)))
            }
        }
        LongForm.tell("\(scenario.name), torn segments: \(tally)")
    }

    @Test(
        "Control: where flushes of segments do nothing, the power cuts show it")
    func unheardSegments() throws {
        let stage = try Stage(.newStore, size: 12)
        defer { stage.program.clean() }
        withKnownIssue("segments are not on the disk") {
            for call in stage.calls.indices.suffix(16) {
                try trial(stage, Fault(kind: .torn, moment: .call(call + 1), seed: call, unheard: ".seg"))
            }
        }
    }

    @Test("Control: where flushes of a head do nothing, the power cut shows it")
    func unheardHead() throws {
        let stage = try Stage(.newHead, size: 12)
        defer { stage.program.clean() }
        withKnownIssue("the head is not on the disk") {
            try trial(stage, Fault(kind: .cut, moment: .exit, unheard: "head.safetensors"))
        }
    }

    @Test("A repair that a full disk stopped within a write of its own segment goes on in that segment")
    func repairWithinWrite() throws {
        let stage = try Stage(.damage, size: 12)
        defer { stage.program.clean() }
        let writes = stage.calls.indices.filter { stage.calls[$0] == "pwrite /features.fcstore/segments/000002.seg" }
        try #require(writes.count > 2)
        for call in writes.prefix(3) {
            try trial(stage, Fault(kind: .shortThenFull, moment: .call(call + 1), seed: call))
        }
    }

    @Test("Of several errors the first is told")
    func firstError() throws {
        // More pictures than a chunk has rows: the disk fails in the middle, and the last commit fails after it.
        let stage = try Stage(.newStore, size: 270)
        defer { stage.program.clean() }
        let chunk = try #require(
            stage.calls.indices.filter { stage.calls[$0].hasPrefix("pwrite") && stage.calls[$0].hasSuffix(".seg") }
                .dropFirst(2).first)
        let outcome = try stage.run(Fault(kind: .fullLasting, moment: .call(chunk + 1)))
        outcome.expectClearError("\(stage.calls[chunk])")
        let error = outcome.messages.split(separator: "\n").first { $0.hasPrefix("error: ") } ?? ""
        #expect(
            error.hasPrefix("error: \(Scenario.store)/segments/000001.seg: cannot be written: No space"), "\(error)")
        try stage.finish("after it")
    }
}
