import Tensors

/// The losses by their names in pytorch-metric-learning.
public enum LossCatalog {
    /// All losses.
    public static let entries =
        pairLosses + classLosses + [
            CatalogEntry(
                name: "CrossBatchMemory",
                summary: "a pair loss that also compares with the embeddings of earlier batches",
                settings: ["loss=ContrastiveLoss", "memory_size=1024", "miner=none"])
        ]

    /// The loss over pairs that have scores, which is trained by itself.
    public static let ofScoredPairs = CatalogEntry(
        name: "CosineSimilarityLoss", summary: "a pair's cosine is the score that is given for it (train-head --pairs)",
        settings: [])

    private static let pairLosses = [
        CatalogEntry(
            name: "TripletMarginLoss", summary: "a positive is nearer than a negative by a margin",
            settings: [
                "margin=0.05", "swap=false", "smooth_loss=false", "distance=LpDistance", "reducer=AvgNonZeroReducer",
            ]),
        CatalogEntry(
            name: "ContrastiveLoss", summary: "positives within one margin, negatives beyond another",
            settings: ["pos_margin=0", "neg_margin=1", "distance=LpDistance", "reducer=AvgNonZeroReducer"]),
        CatalogEntry(
            name: "MultiSimilarityLoss", summary: "soft sums over positives and negatives of an anchor",
            settings: ["alpha=2", "beta=50", "base=0.5", "distance=CosineSimilarity", "reducer=MeanReducer"]),
        CatalogEntry(
            name: "NTXentLoss", summary: "each positive against the anchor's negatives",
            settings: ["temperature=0.07", "distance=CosineSimilarity", "reducer=MeanReducer"]),
        CatalogEntry(
            name: "SupConLoss", summary: "all positives of an anchor against all others",
            settings: ["temperature=0.1", "distance=CosineSimilarity", "reducer=AvgNonZeroReducer"]),
        CatalogEntry(
            name: "CircleLoss",
            summary: "positives and negatives weighted by how far they are from where they should be",
            settings: ["m=0.4", "gamma=80", "reducer=AvgNonZeroReducer"]),
    ]

    private static let classLosses = [
        CatalogEntry(
            name: "ArcFaceLoss", summary: "classification by angle, with a margin in degrees",
            settings: ["margin=28.6", "scale=64", "reducer=MeanReducer"]),
        CatalogEntry(
            name: "SubCenterArcFaceLoss", summary: "the same with several centers a class",
            settings: ["margin=28.6", "scale=64", "sub_centers=3", "reducer=MeanReducer"]),
        CatalogEntry(
            name: "CosFaceLoss", summary: "classification by cosine, with a margin",
            settings: ["margin=0.35", "scale=64", "reducer=MeanReducer"]),
        CatalogEntry(
            name: "NormalizedSoftmaxLoss", summary: "classification by cosine",
            settings: ["temperature=0.05", "reducer=MeanReducer"]),
        CatalogEntry(
            name: "ProxyAnchorLoss", summary: "a proxy a class that rows of the class are drawn to",
            settings: ["margin=0.1", "alpha=32"]),
        CatalogEntry(
            name: "ProxyNCALoss", summary: "the nearest of the classes' proxies",
            settings: ["softmax_scale=1", "reducer=MeanReducer"]),
        CatalogEntry(
            name: "SoftTripleLoss", summary: "several soft centers a class",
            settings: ["centers_per_class=10", "la=20", "gamma=0.1", "margin=0.01", "reducer=MeanReducer"]),
    ]

    /// Whether the loss compares pictures of a class with each other, so that a batch has to have several of each. The others
    /// compare each picture with weights of the classes. Throws `InputError` where the name is not known.
    public static func needsSeveralPerClass(_ description: ComponentDescription) throws -> Bool {
        let entry = try entries.entry("loss", named: description.name)
        return !classLosses.contains(entry)
    }

    /// The described loss for `classes` classes and embeddings of `dimension` values; `seed` decides the weights that it begins
    /// with. Throws `InputError` where the name or a setting is not known, or a setting cannot be used.
    public static func loss(
        _ description: ComponentDescription, classes: Int, dimension: Int, seed: UInt64
    ) throws -> any MetricLoss {
        let entry = try entries.entry("loss", named: description.name)
        let settings = try ComponentArguments(description, known: entry.known)
        if let loss = try pairLoss(description.name, settings) { return loss }
        if description.name == "CrossBatchMemory" { return try memory(settings) }
        return try ClassLossMaker(settings: settings, classes: classes, dimension: dimension, seed: seed)
            .loss(description.name)
    }

    private static func memory(_ settings: ComponentArguments) throws -> CrossBatchMemory {
        let inner = try settings.component("loss") ?? ComponentDescription("ContrastiveLoss")
        let entry = try entries.entry("loss", named: inner.name)
        guard let loss = try pairLoss(inner.name, ComponentArguments(inner, known: entry.known)) else {
            throw InputError(
                "CrossBatchMemory(loss=\(inner.name))", "does not compare pairs",
                remedy: "Choose one of \(pairLosses.map(\.name).joined(separator: ", ")).")
        }
        let miner = try settings.component("miner").flatMap { $0.name == "none" ? nil : try MinerCatalog.miner($0) }
        return try CrossBatchMemory(loss, size: settings.count("memory_size", 1024, in: 2...1 << 24), miner: miner)
    }

    private static func pairLoss(_ name: String, _ settings: ComponentArguments) throws -> (any PairLoss)? {
        let euclidean = EmbeddingDistance.euclidean(normalized: true)
        let temperatures = 1e-6...1e6
        switch name {
        case "TripletMarginLoss":
            return TripletMarginLoss(
                margin: try settings.float("margin", 0.05), swap: try settings.flag("swap", false),
                smooth: try settings.flag("smooth_loss", false), distance: try settings.distance(euclidean),
                reducer: try settings.reducer(.averageNonZero))
        case "ContrastiveLoss":
            return ContrastiveLoss(
                positiveMargin: try settings.float("pos_margin", 0),
                negativeMargin: try settings.float("neg_margin", 1),
                distance: try settings.distance(euclidean), reducer: try settings.reducer(.averageNonZero))
        case "MultiSimilarityLoss":
            return MultiSimilarityLoss(
                alpha: try settings.float("alpha", 2, in: temperatures),
                beta: try settings.float("beta", 50, in: temperatures), base: try settings.float("base", 0.5),
                distance: try settings.distance(.cosine), reducer: try settings.reducer(.mean))
        case "NTXentLoss":
            return NTXentLoss(
                temperature: try settings.float("temperature", 0.07, in: temperatures),
                distance: try settings.distance(.cosine), reducer: try settings.reducer(.mean))
        case "SupConLoss":
            return SupConLoss(
                temperature: try settings.float("temperature", 0.1, in: temperatures),
                distance: try settings.distance(.cosine), reducer: try settings.reducer(.averageNonZero))
        case "CircleLoss":
            return CircleLoss(
                relaxation: try settings.float("m", 0.4), gamma: try settings.float("gamma", 80, in: temperatures),
                reducer: try settings.reducer(.averageNonZero))
        default: return nil
        }
    }
}

/// Makes losses that have weights for classes.
private struct ClassLossMaker {
    let settings: ComponentArguments
    let classes, dimension: Int
    let seed: UInt64

    func loss(_ name: String) throws -> any MetricLoss {
        let scales = 1e-6...1e6
        switch name {
        case "ArcFaceLoss":
            return ClassificationLoss.arcFace(
                classes: classes, dimension: dimension, marginDegrees: try settings.float("margin", 28.6, in: 0...180),
                scale: try settings.float("scale", 64, in: scales), reducer: try settings.reducer(.mean), seed: seed)
        case "SubCenterArcFaceLoss":
            return ClassificationLoss.subCenterArcFace(
                classes: classes, dimension: dimension, centers: try settings.count("sub_centers", 3, in: 1...1000),
                marginDegrees: try settings.float("margin", 28.6, in: 0...180),
                scale: try settings.float("scale", 64, in: scales), reducer: try settings.reducer(.mean), seed: seed)
        case "CosFaceLoss":
            return ClassificationLoss.cosFace(
                classes: classes, dimension: dimension, margin: try settings.float("margin", 0.35),
                scale: try settings.float("scale", 64, in: scales), reducer: try settings.reducer(.mean), seed: seed)
        case "NormalizedSoftmaxLoss":
            return ClassificationLoss.normalizedSoftmax(
                classes: classes, dimension: dimension,
                temperature: try settings.float("temperature", 0.05, in: scales),
                reducer: try settings.reducer(.mean), seed: seed)
        case "ProxyAnchorLoss":
            return ProxyAnchorLoss(
                classes: classes, dimension: dimension, margin: try settings.float("margin", 0.1),
                alpha: try settings.float("alpha", 32, in: scales), seed: seed)
        case "ProxyNCALoss":
            return ProxyNCALoss(
                classes: classes, dimension: dimension,
                softmaxScale: try settings.float("softmax_scale", 1, in: scales), reducer: try settings.reducer(.mean),
                seed: seed)
        default:
            return SoftTripleLoss(
                classes: classes, dimension: dimension,
                centers: try settings.count("centers_per_class", 10, in: 1...1000),
                lambda: try settings.float("la", 20, in: scales), gamma: try settings.float("gamma", 0.1, in: scales),
                margin: try settings.float("margin", 0.01), reducer: try settings.reducer(.mean), seed: seed)
        }
    }
}

extension ComponentArguments {
    fileprivate func distance(_ usual: EmbeddingDistance) throws -> EmbeddingDistance {
        try component("distance").map { try EmbeddingDistance($0) } ?? usual
    }

    fileprivate func reducer(_ usual: LossReducer) throws -> LossReducer {
        try component("reducer").map { try LossReducer($0) } ?? usual
    }
}
