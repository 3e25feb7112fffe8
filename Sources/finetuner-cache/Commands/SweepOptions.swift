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
            let values = parts.count == 2 ? Self.values(parts[1]) : []
            switch parts.first {
            case "loss" where !values.isEmpty: self = .losses(try values.map { try ComponentDescription(parsing: $0) })
            case "learning-rate" where !values.isEmpty:
                self = .learningRates(
                    try values.map { value in
                        guard let rate = Double(value), rate > 0, rate.isFinite else {
                            throw InputError("--sweep \(text)", "has a learning rate that is not positive: \(value)")
                        }
                        return rate
                    })
            default:
                throw InputError(
                    "--sweep \(text)", "is neither learning-rate=… nor loss=…",
                    remedy: "Give it values with commas between: --sweep learning-rate=1e-4,1e-3.")
            }
        }

        /// The parts between commas that are in no parentheses.
        private static func values(_ text: String) -> [String] {
            var (parts, depth) = ([""], 0)
            for character in text {
                depth += character == "(" ? 1 : character == ")" ? -1 : 0
                if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
            }
            return parts.map { $0.trimmingCharacters(in: .whitespaces) }
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
