import Tensors

/// The miners by their names.
public enum MinerCatalog {
    /// All miners.
    public static let entries = [
        CatalogEntry(
            name: "TripletMarginMiner", summary: "triplets by how much they violate a margin",
            settings: ["margin=0.2", "type_of_triplets=all", "distance=LpDistance"]),
        CatalogEntry(
            name: "BatchHardMiner", summary: "the farthest positive and the nearest negative of each anchor",
            settings: ["distance=LpDistance"]),
        CatalogEntry(
            name: "BatchEasyHardMiner", summary: "one positive and one negative of each anchor by a strategy",
            settings: ["pos_strategy=easy", "neg_strategy=semihard", "distance=LpDistance"]),
        CatalogEntry(
            name: "MultiSimilarityMiner", summary: "pairs that are not far from being in the wrong order",
            settings: ["epsilon=0.1", "distance=CosineSimilarity"]),
        CatalogEntry(
            name: "PairMarginMiner", summary: "pairs on the wrong side of a margin",
            settings: ["pos_margin=0.2", "neg_margin=0.8", "distance=LpDistance"]),
    ]

    /// The described miner. Throws `InputError` where the name or a setting is not known, or a setting cannot be used.
    public static func miner(_ description: ComponentDescription) throws -> any Miner {
        let settings = try ComponentArguments(
            description, known: entries.entry("miner", named: description.name).known)
        func distance(_ usual: EmbeddingDistance) throws -> EmbeddingDistance {
            try settings.component("distance").map { try EmbeddingDistance($0) } ?? usual
        }
        let euclidean = EmbeddingDistance.euclidean(normalized: true)
        switch description.name {
        case "TripletMarginMiner":
            return TripletMarginMiner(
                margin: try settings.float("margin", 0.2), kind: try settings.choice("type_of_triplets", .all),
                distance: try distance(euclidean))
        case "BatchHardMiner": return BatchHardMiner(distance: try distance(euclidean))
        case "BatchEasyHardMiner":
            return try BatchEasyHardMiner(
                positives: settings.choice("pos_strategy", .easy),
                negatives: settings.choice("neg_strategy", .semihard),
                distance: distance(euclidean))
        case "MultiSimilarityMiner":
            return MultiSimilarityMiner(epsilon: try settings.float("epsilon", 0.1), distance: try distance(.cosine))
        default:
            return PairMarginMiner(
                positiveMargin: try settings.float("pos_margin", 0.2),
                negativeMargin: try settings.float("neg_margin", 0.8), distance: try distance(euclidean))
        }
    }
}
