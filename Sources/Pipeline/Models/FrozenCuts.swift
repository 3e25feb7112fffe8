public import Backbones
public import FeatureStorage
public import ImageInput
import ModelGraph
import Tensors

/// One network cut at several layers, each a space of its own, computed in one pass.
public struct FrozenCuts: Sendable {
    /// The network cut at each layer, in the order in which their values stand in a feature.
    public let models: [FrozenModel]
    /// The looks at each picture that are computed, the usual one first.
    public private(set) var views = [PictureView.center]
    /// All cuts in one: its result is the features of `models` one after the other.
    private let graph: ModelGraph

    /// Cuts the network of `recipe` after each layer of `cuts`; the recipe's own cut does not count. With one cut, or none for
    /// the usual one, it is what `FrozenModel` makes. Throws `InputError` as that does, and where a layer is given twice.
    public init(
        _ cuts: [String], recipe: BackboneRecipe, cache: WeightsCache, announce: (String) -> Void = { _ in }
    ) throws {
        guard cuts.count > 1 else {
            var recipe = recipe
            recipe.cut = cuts.first
            let model = try FrozenModel(recipe: recipe, cache: cache, announce: announce)
            (models, graph) = ([model], model.graph)
            return
        }
        guard recipe.precision != .int8 else {
            throw InputError(
                "precision int8", "is calibrated for one cut at a time, and \(cuts.count) are given",
                remedy: "Build one cut after the other with --add-space, or use another precision.")
        }
        let network = try WholeNetwork(recipe: recipe, isPartial: true, cache: cache, announce: announce)
        let (tailored, all) = try Tailor(network.graph).cuts(after: cuts, pool: recipe.pool)
        models = try zip(cuts, tailored).map { cut, tailored in
            var recipe = recipe
            recipe.cut = cut
            recipe.pool = tailored.pool == nil ? nil : recipe.pool
            return try FrozenModel(network, tailored, recipe)
        }
        graph = all
    }

    /// One model alone.
    public init(_ model: FrozenModel) { (models, graph) = ([model], model.graph) }

    /// The spaces of the features of all views: those of `models` for each view.
    public var spaces: [FeatureSpace] {
        views.flatMap { view in models.map { view == .center ? $0.space : $0.space.seen(as: view.description) } }
    }

    /// The same cuts with other views.
    public func with(_ views: [PictureView]) -> FrozenCuts {
        precondition(views.first == .center && Set(views).count == views.count, "the views \(views)")
        var copy = self
        copy.views = views
        return copy
    }

    /// The views that a store has of the features of the first cut, the usual one first.
    public func views(in store: FeatureStore) throws -> [PictureView] {
        [.center] + (try store.views(of: models[0].space).compactMap { $0.view.flatMap(PictureView.init) })
    }

    /// How a picture becomes the network's input.
    public var preprocessor: ImagePreprocessor { models[0].preprocessor }

    /// The file that the weights came from.
    public var weights: WeightsOnDisk { models[0].weights }

    /// Backbones that compute the features of all cuts in batches of `batchSize` pictures: `count` replicas that share their
    /// weights, each for one core.
    public func makeBackbones(count: Int, batchSize: Int) throws -> [any Backbone] {
        let first = try OneDNNBackbone(
            graph: graph, height: preprocessor.cropHeight, width: preprocessor.cropWidth,
            precision: models[0].precision, calibration: models[0].calibration, batchSize: batchSize, threads: 1)
        return [first] + (try (1..<count).map { _ in try first.replica() })
    }
}
