import Tensors

/// How the losses of many elements, such as triplets, become one number (pytorch-metric-learning's reducers).
public enum LossReducer: Sendable, Hashable {
    /// `MeanReducer`: the mean over all.
    case mean
    /// `SumReducer`: the sum.
    case sum
    /// `AvgNonZeroReducer`: the mean over those above 0; 0 where there is none.
    case averageNonZero
    /// `ThresholdReducer`: the mean over those above `low` and below `high`; 0 where there is none.
    case threshold(low: Float, high: Float)

    /// Reads `MeanReducer`, `SumReducer`, `AvgNonZeroReducer` or `ThresholdReducer(low=0, high=1)`. Throws `InputError` for
    /// anything else.
    public init(_ description: ComponentDescription) throws {
        let settings = try ComponentArguments(
            description, known: description.name == "ThresholdReducer" ? ["low", "high"] : [])
        switch description.name {
        case "MeanReducer": self = .mean
        case "SumReducer": self = .sum
        case "AvgNonZeroReducer": self = .averageNonZero
        case "ThresholdReducer":
            self = .threshold(
                low: try settings.float("low", -.greatestFiniteMagnitude),
                high: try settings.float("high", .greatestFiniteMagnitude))
        default:
            throw InputError(
                "reducer \(description.name)", "is not known",
                remedy: "Choose MeanReducer, SumReducer, AvgNonZeroReducer or ThresholdReducer.")
        }
    }

    /// Whether an element with this loss counts. One that is not a number does, so that it shows.
    func keeps(_ loss: Float) -> Bool {
        switch self {
        case .mean, .sum: true
        case .averageNonZero: !(loss <= 0)
        case .threshold(let low, let high): !(loss <= low || loss >= high)
        }
    }

    /// The loss of elements that have a row of derivatives each. The rows are multiplied by what their element enters it with,
    /// and by its `weight`.
    func reduced(_ losses: [Float], slopes: inout Matrix, weight: (Int) -> Float) -> Double {
        let kept = losses.map(keeps)
        let factor = factor(all: Double(losses.count), kept: Double(kept.count { $0 }))
        slopes.scaleRows { kept[$0] ? weight($0) * Float(factor) : 0 }
        return factor * zip(losses, kept).reduce(0.0) { $0 + ($1.1 ? Double($1.0) : 0) }
    }

    /// What the sum over the elements that count is multiplied by: `kept` of `all`.
    func factor(all: Double, kept: Double) -> Double {
        switch self {
        case .mean: 1 / max(all, 1)
        case .sum: 1
        case .averageNonZero, .threshold: 1 / max(kept, 1)
        }
    }
}
