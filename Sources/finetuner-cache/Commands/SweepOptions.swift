import ArgumentParser
import Foundation
import MetricLearning
import Pipeline
import Tensors

/// What several trainings differ in.
struct SweepOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Train with each of several values and keep the head that finds held-out pictures best: learning-rate=1e-4,1e-3 or \
            'loss=SupConLoss,ArcFaceLoss(margin=20)'. Give it twice for every loss with every rate.
            """, valueName: "option=values"),
        transform: { text in try UsageErrors.translating { try Values(text) } })
    var sweep: [Values] = []

    /// The values of one option.
    enum Values: Equatable {
        case losses([ComponentDescription])
        case learningRates([Double])

        /// Reads `option=value,value`.
        init(_ text: String) throws {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first, parts.count) {
            case ("loss", 2): self = .losses(try ComponentDescription.list(parsing: parts[1]))
            case ("learning-rate", 2): self = .learningRates(try Self.rates(parts[1]))
            default:
                throw InputError(
                    "--sweep \(text)", "is neither learning-rate=… nor loss=…",
                    remedy: "Give it values with commas between: --sweep learning-rate=1e-4,1e-3.")
            }
        }

        private static func rates(_ text: String) throws -> [Double] {
            try text.split(separator: ",", omittingEmptySubsequences: false).map { value in
                guard let rate = Double(value.trimmingCharacters(in: .whitespaces)), rate > 0, rate.isFinite else {
                    throw InputError("--sweep", "has a learning rate that is not positive: '\(value)'")
                }
                return rate
            }
        }
    }

    /// The losses and the learning rates to try; empty for the one that is set otherwise.
    var losses: [ComponentDescription] {
        sweep.flatMap { values -> [ComponentDescription] in if case .losses(let losses) = values { losses } else { [] }
        }
    }
    var learningRates: [Double] {
        sweep.flatMap { values -> [Double] in if case .learningRates(let rates) = values { rates } else { [] } }
    }

    /// How many trainings that makes.
    var count: Int { max(losses.count, 1) * max(learningRates.count, 1) }

    func validate() throws {
        try UsageErrors.translating {
            for loss in losses { _ = try LossCatalog.loss(loss, classes: 2, dimension: 2, seed: 0) }
        }
        guard count <= 1000 else {
            throw ValidationError("--sweep makes more than 1000 trainings.")
        }
    }
}
