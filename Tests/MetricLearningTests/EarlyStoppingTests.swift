import Foundation
import GoldenData
import Testing

@testable import MetricLearning

@Suite("Early stopping")
struct EarlyStoppingTests {
    private struct Golden: Decodable {
        struct Case: Decodable {
            let seq: String
            let mode: EarlyStopping.Mode
            let patience: Int
            let min_delta: Double
            let baseline: Double?
            let stop_epoch: Int?
            let events: [String]
        }
        let sequences: [String: [Double]]
        let cases: [Case]
    }

    @Test(
        "tells what Finetuner's callback tells, epoch by epoch",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let golden: Golden = try GoldenData.json("metric-learning/early_stopping.json")
        #expect(golden.cases.count == 7)
        for item in golden.cases {
            var stopping = EarlyStopping(
                mode: item.mode, patience: item.patience, minimumDelta: item.min_delta, baseline: item.baseline)
            let values = try #require(golden.sequences[item.seq]).prefix(item.events.count)
            let events = values.map { stopping.observe($0) }
            #expect(events.map { $0 == .improved ? "improved" : "no" } == item.events, "\(item)")
            #expect(events.firstIndex(of: .stop) == item.stop_epoch, "\(item)")
        }
    }

    @Test("does not take a tie, less than the minimum, or a value that is not finite for an improvement")
    func noImprovement() {
        var stopping = EarlyStopping(mode: .max, patience: 9, minimumDelta: 0.5)
        #expect(stopping.observe(.nan) == .notImproved && stopping.best == nil)
        #expect(stopping.observe(1) == .improved && stopping.best == 1 && stopping.waited == 0)
        for value in [1, 1.5, 0, .infinity, .nan] { #expect(stopping.observe(value) == .notImproved) }
        #expect(stopping.best == 1 && stopping.waited == 5)
        #expect(stopping.observe(1.75) == .improved && stopping.best == 1.75 && stopping.waited == 0)
    }

    @Test("goes on stopping after the end of its patience, until a value is better")
    func afterTheEnd() {
        var stopping = EarlyStopping(mode: .min, patience: 1)
        #expect([1, 1, 2, 0.5, 0.5].map { stopping.observe($0) } == [.improved, .stop, .stop, .improved, .stop])
    }

    @Test("goes on from JSON as it would have without a stop")
    func resuming() throws {
        for values in [[], [0.1], [0.1, 0.3, 0.25]] as [[Double]] {
            var stopping = EarlyStopping(mode: .max, patience: 2, minimumDelta: 0.01, baseline: nil)
            for value in values { _ = stopping.observe(value) }
            var resumed = try JSONDecoder().decode(EarlyStopping.self, from: JSONEncoder().encode(stopping))
            #expect(resumed == stopping)
            #expect(resumed.observe(0.2) == stopping.observe(0.2))
        }
    }
}
