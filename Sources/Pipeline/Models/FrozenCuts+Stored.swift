import Backbones
public import FeatureStorage
import Tensors

extension FrozenCuts {
    /// The network that a store's spaces were built with, cut wherever they are: what a build that asks for nothing else goes on
    /// with. Throws `InputError` where they are of several networks, precisions or ways of preparing pictures, so that
    /// somebody has to say which is meant, and as `init(_:recipe:cache:announce:)` does.
    public init(of spaces: [FeatureSpace], cache: WeightsCache, announce: (String) -> Void = { _ in }) throws {
        let recipes = try spaces.map { try BackboneRecipe(strings: $0.recipe) }
        if recipes.count == 1, let recipe = recipes.first {
            try self.init([recipe.cut].compactMap { $0 }, recipe: recipe, cache: cache, announce: announce)
            return
        }
        let networks = Set(recipes.map(\.withoutCut))
        let pools = Set(recipes.compactMap(\.pool))
        let cuts = zip(recipes, spaces).compactMap { $0.cut ?? $1.fields["cut"] }
        guard networks.count == 1, var shared = networks.first, pools.count <= 1, cuts.count == recipes.count,
            Set(cuts).count == cuts.count, shared.precision != .int8
        else {
            throw InputError(
                "the store's \(spaces.count) spaces (\(spaces.map(\.name).joined(separator: "; ")))",
                "cannot be built in one pass: they are not cuts of one network alone",
                remedy: "Say which to go on with: --model or --weights, with --cut where it is not the usual one.")
        }
        shared.pool = pools.first
        try self.init(cuts, recipe: shared, cache: cache, announce: announce)
    }
}

extension BackboneRecipe {
    /// The same without what differs between the cuts of one network.
    fileprivate var withoutCut: BackboneRecipe {
        var recipe = self
        (recipe.cut, recipe.pool, recipe.calibration) = (nil, nil, nil)
        return recipe
    }
}
