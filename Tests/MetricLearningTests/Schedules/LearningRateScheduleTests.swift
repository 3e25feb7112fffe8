import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite("A learning-rate schedule")
struct LearningRateScheduleTests {
    private func curve(_ text: String) throws -> LearningRateCurve {
        try LearningRateCurve(ComponentDescription(parsing: text))
    }

    private struct Golden: Decodable {
        struct Case: Decodable {
            let scheduler: String
            let num_warmup_steps: Int
            let num_training_steps: Int
            let base_lr: Double
            let extra: [String: Double]
            let lr_per_step: [Double]
        }
        let cases: [Case]
    }

    @Test(
        "gives the rates of Hugging Face's schedulers",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let golden: Golden = try GoldenData.json("metric-learning/schedulers.json")
        #expect(golden.cases.count == 14)
        for item in golden.cases {
            let description = ComponentDescription(item.scheduler, item.extra.mapValues { .number($0) })
            let schedule = try LearningRateSchedule(
                LearningRateCurve(description), baseRate: item.base_lr, warmup: .steps(item.num_warmup_steps),
                totalSteps: item.num_training_steps)
            for (step, expected) in item.lr_per_step.enumerated() {
                let rate = schedule.rate(atStep: step)
                #expect(abs(rate - expected) <= 1e-17 + 1e-14 * expected, "\(item.scheduler) at \(step)")
            }
        }
    }

    @Test("rises through a warm-up given as a fraction, and ends at 0 after the last step")
    func fraction() throws {
        let schedule = try LearningRateSchedule(.linear, baseRate: 2, warmup: .fraction(0.2), totalSteps: 10)
        #expect(schedule.warmupSteps == 2)
        #expect((0...3).map(schedule.rate(atStep:)) == [0, 1, 2, 1.75])
        #expect(schedule.rate(atStep: 9) == 0.25 && schedule.rate(atStep: 10) == 0 && schedule.rate(atStep: 99) == 0)
    }

    @Test("is finite everywhere, whatever the lengths", arguments: LearningRateCurve.entries.map(\.name))
    func edges(name: String) throws {
        for (warmup, total) in [(0, 0), (0, 1), (1, 1), (3, 3), (2, 3)] {
            let schedule = try LearningRateSchedule(
                curve(name), baseRate: 0.1, warmup: .steps(warmup), totalSteps: total)
            for step in 0..<6 { #expect(0...0.1 ~= schedule.rate(atStep: step), "\(warmup) of \(total) at \(step)") }
        }
    }

    @Test("refuses a warm-up that is longer than the run, and an end that is not below the beginning")
    func refusals() throws {
        #expect(throws: InputError.self) {
            try LearningRateSchedule(.linear, baseRate: 1, warmup: .steps(11), totalSteps: 10)
        }
        #expect(throws: InputError.self) {
            try LearningRateSchedule(.linear, baseRate: 1, warmup: .steps(-1), totalSteps: 10)
        }
        #expect(try LearningRateSchedule(.constant, baseRate: 1, warmup: .steps(11), totalSteps: 10).warmupSteps == 0)
        for rate in [1e-7, 1e-8] {
            let error = #expect(throws: InputError.self) {
                try LearningRateSchedule(.polynomial(), baseRate: rate, totalSteps: 10)
            }
            #expect(error?.remedy.contains("lr_end") == true)
        }
    }

    @Test("counts batches through the run, or epochs")
    func intervals() {
        #expect(ScheduleInterval.batch.totalSteps(epochs: 3, batchesPerEpoch: 10) == 30)
        #expect(ScheduleInterval.epoch.totalSteps(epochs: 3, batchesPerEpoch: 10) == 3)
        #expect(ScheduleInterval.batch.step(epoch: 2, batch: 4, batchesPerEpoch: 10) == 24)
        #expect(ScheduleInterval.epoch.step(epoch: 2, batch: 4, batchesPerEpoch: 10) == 2)
    }

    @Test("has a curve that is read from its description and written to it")
    func descriptions() throws {
        let cases: [(String, LearningRateCurve)] = [
            ("constant", .constant), ("constant_with_warmup", .constantWithWarmup), ("linear", .linear),
            ("cosine(num_cycles=0.5)", .cosine()), ("cosine(num_cycles=1.5)", .cosine(cycles: 1.5)),
            ("cosine_with_restarts(num_cycles=3)", .cosineWithRestarts(cycles: 3)),
            ("polynomial(lr_end=1e-07, power=2)", .polynomial(power: 2)),
        ]
        for (text, curve) in cases {
            #expect(try self.curve(text) == curve)
            #expect("\(curve.component)" == text)
        }
        #expect(try curve("cosine") == .cosine() && curve("polynomial") == .polynomial())
        #expect(try curve("cosine_with_restarts") == .cosineWithRestarts())
        #expect(Set(cases.map { $0.1.component.name }) == Set(LearningRateCurve.entries.map(\.name)))
    }

    @Test(
        "has no curve that is described so",
        arguments: [
            "Cosine", "inverse_sqrt", "constant(num_cycles=1)", "cosine(num_cycles=-1)", "cosine(cycles=1)",
            "cosine_with_restarts(num_cycles=0)", "cosine_with_restarts(num_cycles=1.5)", "polynomial(power=-1)",
            "polynomial(lr_end=-1)", "polynomial(power=true)", "linear(x=1)",
        ])
    func unknown(text: String) throws {
        let description = try ComponentDescription(parsing: text)
        let error = #expect(throws: InputError.self) { try LearningRateCurve(description) }
        #expect(error?.remedy.isEmpty == false)
    }
}
