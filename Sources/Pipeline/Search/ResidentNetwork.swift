import Backbones
import FeatureStorage
import Foundation

/// A frozen network that stays loaded between queries, for one of them at a time.
public final class ResidentNetwork: @unchecked Sendable {
    // Touched only while `lock` is held.
    private let lock = NSLock()
    private var loaded: (space: FeatureSpace, model: FrozenModel, backbone: any Backbone)?

    /// A place for a network; it is loaded when it is first used.
    public init() {}

    /// Calls `body` with the network of `space`. Throws as `FrozenModel(of:cache:announce:)` does, and what `body` throws.
    func use<Result>(
        _ space: FeatureSpace, _ cache: WeightsCache, batchSize: Int, _ announce: (String) -> Void,
        _ body: (FrozenModel, any Backbone) throws -> Result
    ) throws -> Result {
        try lock.withLock {
            if let loaded, loaded.space.fingerprint == space.fingerprint {
                return try body(loaded.model, loaded.backbone)
            }
            let model = try FrozenModel(of: space, cache: cache, announce: announce)
            let backbone = try model.makeBackbone(batchSize: batchSize)
            loaded = (space, model, backbone)
            return try body(model, backbone)
        }
    }
}
