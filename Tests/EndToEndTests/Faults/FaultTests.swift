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
        for call in Self.moments(stage.calls, limit: 8, seed: seed) {
            for seed in 1...(kind == .torn && LongForm.isOn ? 8 : 1) {
                try trial(stage, Fault(kind: kind, moment: .call(call), seed: seed + call))
            }
        }
    }

    private func trial(_ stage: Stage, _ fault: Fault) throws {
        let outcome = try stage.run(fault)
        let context = "\(stage.scenario.name): \(fault)"
        if !fault.kind.isSurvived {
            #expect(outcome.status == 137, "\(context): \(outcome.messages)")
        } else if outcome.status == 0 && outcome.reason == .exit {
            try stage.expectResults(context)
        } else {
            outcome.expectClearError(context)
        }
        try stage.finish(context)
    }
}
