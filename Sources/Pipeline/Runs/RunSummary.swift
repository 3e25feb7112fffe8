import Foundation
public import Retrieval
import Tensors

/// What came of a run, as `metrics.json`: numbers by name in tables `raw`, `projection`, `head` and `training`, as DVC's `dvc metrics show`
/// and `diff` read them.
struct RunSummary: Codable, Hashable {
    /// The tables by name; empty ones are left out.
    private(set) var tables: [String: [String: Double]] = [:]

    init(_ result: HeadTrainer.Result) {
        add("raw", result.before, result.pairs?.before)
        add("projection", result.projection, result.pairs?.projection)
        add("head", result.after, result.pairs?.after)
        var training = ["epochs": Double(result.losses.count), "pictures": Double(result.trainingCount)]
        if let loss = result.losses.last { training["loss"] = Double(loss) }
        if case .trained(let epoch) = result.kept { training["kept_epoch"] = Double(epoch) }
        tables["training"] = training
    }

    private mutating func add(_ name: String, _ metrics: RetrievalMetrics?, _ pairs: PairCorrelation?) {
        if let metrics { tables[name] = metrics.named }
        if let pairs { tables[name] = ["spearman": pairs.spearman, "pearson": pairs.pearson] }
    }

    init(from decoder: any Decoder) throws {
        tables = try decoder.singleValueContainer().decode([String: [String: Double]].self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(tables)
    }
}

extension RetrievalMetrics {
    /// The usual metrics by name.
    public var named: [String: Double] {
        [
            "precision@1": precisionAt1, "recall@5": recallAt5, "recall@10": recallAt10, "r_precision": rPrecision,
            "map@r": meanAveragePrecisionAtR, "mrr": meanReciprocalRank,
        ]
    }
}
