public import Tensors

/// A frozen network that turns pictures into feature vectors.
public protocol Backbone: Sendable {
    /// The length of each feature vector.
    var featureDimension: Int { get }

    /// The shape that every picture must have.
    var inputShape: (channels: Int, height: Int, width: Int) { get }

    /// The features of a batch of pictures of `inputShape`, shape `[batch.count, featureDimension]`, in the order of the
    /// batch. May be called from any thread. The features of a picture do not depend on the rest of the batch.
    func features(of batch: Tensor4) throws -> Matrix
}
