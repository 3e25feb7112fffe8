import Foundation
import Tensors

/// The learning rate of every step of a run: from 0 straight up to the base rate through the warm-up, then along a curve.
/// It has the numbers of Hugging Face transformers' `get_scheduler`, and as there the first step of a warm-up has the rate 0.
public struct LearningRateSchedule: Sendable, Hashable {
    /// The curve after the warm-up.
    public let curve: LearningRateCurve
    /// The largest rate.
    public let baseRate: Double
    /// The steps of the warm-up.
    public let warmupSteps: Int
    /// The steps of the run: batches or epochs, as `ScheduleInterval` says.
    public let totalSteps: Int

    /// The schedule of a run of `totalSteps`. Throws `InputError` where the warm-up is longer than the run or the curve ends
    /// at a rate that is not below `baseRate`.
    public init(
        _ curve: LearningRateCurve, baseRate: Double, warmup: Warmup = .none, totalSteps: Int
    ) throws {
        precondition(totalSteps >= 0, "a run of \(totalSteps) steps")
        let warmupSteps = curve == .constant ? 0 : warmup.steps(of: totalSteps)
        guard 0...totalSteps ~= warmupSteps else {
            throw InputError(
                "warm-up of \(warmupSteps) steps", "does not fit into a run of \(totalSteps)",
                remedy: "Give fewer steps, or a fraction of the run such as 0.1.")
        }
        if case .polynomial(_, let finalRate) = curve, finalRate >= baseRate {
            throw InputError(
                "polynomial(lr_end=\(finalRate))", "is not below the learning rate, which is \(baseRate)",
                remedy: "Give a smaller lr_end.")
        }
        self.curve = curve
        self.baseRate = baseRate
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
    }

    /// The rate for `step`, from 0. Past the run's end it is what Hugging Face's formulas go on with, which for `cosine` rises
    /// again.
    public func rate(atStep step: Int) -> Double {
        precondition(step >= 0, "step \(step) of a schedule")
        guard step >= warmupSteps else { return baseRate * (Double(step) / Double(warmupSteps)) }
        let length = Double(max(1, totalSteps - warmupSteps))
        let progress = Double(step - warmupSteps) / length
        switch curve {
        case .constant, .constantWithWarmup: return baseRate
        case .linear: return baseRate * max(0, Double(totalSteps - step) / length)
        case .cosine(let cycles): return baseRate * Self.wave(2 * cycles * progress)
        case .cosineWithRestarts(let cycles):
            guard progress < 1 else { return 0 }
            return baseRate * Self.wave((Double(cycles) * progress).truncatingRemainder(dividingBy: 1))
        case .polynomial(let power, let finalRate):
            return finalRate + (baseRate - finalRate) * pow(max(0, 1 - progress), power)
        }
    }

    /// A cosine from 1 at 0 to 0 at 1.
    private static func wave(_ position: Double) -> Double { 0.5 * (1 + cos(.pi * position)) }
}
