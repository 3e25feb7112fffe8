/// Where the weights of an EfficientNet were trained first: it decides numbers that neither names nor shapes of the tensors
/// show.
///
/// timm has both kinds under the same names: `efficientnet_b0` was trained with torch, `tf_efficientnet_b0` was converted from
/// Google's checkpoints. torchvision's names mean torch, those of EfficientNet-PyTorch and efficientnet_lite_pytorch mean
/// TensorFlow. EfficientNet-PyTorch fixes its padding for the picture's size that a network was published for; at others it
/// can be a pixel off TensorFlow's, which is what is computed here.
public enum EfficientNetOrigin: String, Sendable, Hashable, CaseIterable {
    /// The same padding on all sides; batch normalization with torch.nn's epsilon, 1e-5.
    case torch
    /// "SAME" padding, which goes right and below; epsilon 1e-3, as Google's implementation has it (timm's
    /// `BN_EPS_TF_DEFAULT`).
    case tensorFlow

    /// What the path of a file in timm's names says: TensorFlow where the file, or one of the three folders that it lies in,
    /// has timm's `tf_efficientnet` in its name; else torch.
    ///
    /// timm's files have the model's name in their own (`tf_efficientnet_b0_ns-c0e6a31c.pth`), or are called
    /// `model.safetensors` in a folder `models--timm--tf_efficientnet_b0.ns_jft_in1k/snapshots/REVISION`. Their metadata says
    /// nothing.
    init(path: String) {
        let names = path.split(separator: "/").suffix(4)
        self = names.contains { $0.contains("tf_efficientnet") } ? .tensorFlow : .torch
    }

    /// Added to the variances.
    var epsilon: Float { self == .torch ? 1e-5 : 1e-3 }

    /// The padding of a convolution that keeps the map's size but for its stride.
    func padding(kernel: Int) -> Padding { kernel == 1 ? .all(0) : self == .torch ? .all(kernel / 2) : .same }
}
